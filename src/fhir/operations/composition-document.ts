/** `Composition/$document` (https://hl7.org/fhir/R4/composition-operation-document.html): a Composition with all it needs, as one Bundle. */
import type { Answer } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { parseReference } from '../../r4/references.ts'
import type { FhirContext } from '../context.ts'
import { documentAnswer, entryOf } from '../document/answer.ts'
import { gather } from '../document/gathered.ts'
import { flagInput, textInput } from './inputs.ts'
import type { Inputs } from './inputs.ts'
import type { Call, Operation } from './operation.ts'

export const compositionDocument: Operation = {
  code: 'document',
  definition: 'http://hl7.org/fhir/OperationDefinition/Composition-document',
  levels: ['type', 'instance'],
  access: 'reads',
  resources: ['Composition'],
  heavy: true,
  inputs: [
    { name: 'id', type: 'uri' },
    { name: 'persist', type: 'boolean' },
    { name: 'graph', type: 'uri' },
  ],
  async handle(context: FhirContext, { id, inputs }: Call): Promise<Answer> {
    assertNoGraph(inputs)
    const { root, others } = await gather(context, 'Composition', idOf(context, id, inputs))
    const entries = [root, ...others].map((each) => entryOf(context, each))
    return documentAnswer(context, { interaction: 'document', entries, persist: flagInput(inputs, 'persist') ?? false })
  },
}

function assertNoGraph(inputs: Inputs): void {
  if (!inputs.has('graph')) return
  const sentence = 'No "graph" is followed here: the answer holds what is said in its documentation. Leave it out.'
  throw new GatewayError('GW_UNKNOWN_PARAMETER', sentence)
}

/** Of the type: a simple id, or the URL of a Composition of this server. */
function idOf({ request }: FhirContext, own: string | undefined, inputs: Inputs): string {
  const named = textInput(inputs, 'id')
  if (own !== undefined && named === undefined) return own
  if (own !== undefined || named === undefined) {
    throw new GatewayError('GW_BAD_REQUEST', 'Say once of which Composition: in the address, or by "id" of the type.')
  }
  const path = named.startsWith(`${request.base}/`) ? named.slice(request.base.length + 1) : named
  const { base, type, id } = parseReference(path.includes('/') ? path : `Composition/${path}`) ?? {}
  if (base === '' && type === 'Composition' && id !== undefined) return id
  throw new GatewayError('GW_BAD_REQUEST', 'The "id" is that of a Composition of this server, or its URL.')
}
