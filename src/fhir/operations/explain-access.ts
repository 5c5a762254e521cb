/**
 * `[type]/[id]/$explain-access`, ours (profiles/OperationDefinition-explain-access.json): which rule decides whether a user,
 * an app or who asks may see or change this resource.
 */
import type { Credential } from '../../access/credential.ts'
import { explain } from '../../access/explain.ts'
import type { Asked } from '../../access/explain.ts'
import { everythingOf } from '../../access/permit.ts'
import { lettersIn } from '../../access/scope.ts'
import type { Answer } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { JsonObject } from '../../r4/element-paths.ts'
import { parseJson } from '../../r4/json.ts'
import { searchKeys } from '../../r4/search-keys.ts'
import { findActiveAccount } from '../../store/accounts.ts'
import { permissionsOf } from '../../store/roles.ts'
import { restrictionsOf } from '../../store/restrictions.ts'
import type { FhirContext } from '../context.ts'
import { notFound } from '../interactions/read.ts'
import { textInput } from './inputs.ts'
import type { Inputs } from './inputs.ts'
import type { Call, Operation } from './operation.ts'
import type { Parameter } from './parameters.ts'
import { parametersAnswer } from './parameters.ts'

/** To ask for others, and of what is hidden. */
const EXPLAIN = 'access:explain'

export const explainAccess: Operation = {
  code: 'explain-access',
  definition: 'explain-access',
  levels: ['instance'],
  access: 'reads',
  inputs: [
    { name: 'user', type: 'string' },
    { name: 'client', type: 'string' },
  ],
  async handle(context: FhirContext, { type = '', id = '', inputs }: Call): Promise<Answer> {
    const { permit, reader, request, writeBack } = context
    const isOfficer = request.caller.credential?.user?.permissions.includes(EXPLAIN) ?? false
    const isOfOthers = inputs.has('user') || inputs.has('client')
    const whole = everythingOf(permit.tenant)
    // Who may not know is told what a read tells
    const stored = await reader.read(isOfficer ? whole : permit, type, id)
    if (!stored || stored.deleted) throw notFound(type)
    if (isOfOthers && !isOfficer) throw new GatewayError('GW_FORBIDDEN', `What others may see is for ${EXPLAIN}.`)
    const credential = isOfOthers ? await credentialOf(context, inputs) : request.caller.credential
    if (!credential) return parametersAnswer('explain-access', [told('Authorization is off: everything is allowed.')])
    const keys = searchKeys(parseJson(stored.body.toString()) as JsonObject)
    const restrictions = await restrictionsOf(writeBack.store, permit.tenant)
    return parametersAnswer('explain-access', explained(credential, restrictions, { type, id, keys }))
  },
}

function explained(credential: Credential, restrictions: Parameters<typeof explain>[1], asked: Asked): Parameter[] {
  return lettersIn('ruds').map((letter) => {
    const { isAllowed, scopes, sentences } = explain(credential, restrictions, letter, asked)
    const part: Parameter[] = [
      { name: 'letter', valueCode: letter },
      { name: 'allowed', valueBoolean: isAllowed },
      ...scopes.map((scope) => ({ name: 'scope', valueString: scope })),
      ...sentences.map(told),
    ]
    return { name: 'decision', part }
  })
}

function told(sentence: string): Parameter {
  return { name: 'because', valueString: sentence }
}

/** A user with all that the app may ask for, or with everything; an app by itself as it was registered. */
async function credentialOf({ permit, writeBack: { store } }: FhirContext, inputs: Inputs): Promise<Credential> {
  const { tenant } = permit
  const [name, id] = [textInput(inputs, 'user'), textInput(inputs, 'client')]
  const client = id === undefined ? undefined : await store.clients.findOne({ _id: id, t: tenant })
  if (id !== undefined && !client) throw unknown('client')
  const own = { tenant, client: id ?? '', scope: client?.scope ?? 'user/*.cruds' }
  if (name === undefined) return own
  const account = await findActiveAccount(store, name)
  if (account?.t !== tenant) throw unknown('user')
  const { person, representing } = account
  const permissions = await permissionsOf(store, name)
  return { ...own, user: { account: name, ...(person !== undefined && { person }), representing, permissions } }
}

function unknown(name: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', `"${name}" names none of this tenant.`)
}
