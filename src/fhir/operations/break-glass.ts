/**
 * `Patient/[id]/$break-glass`, ours (profiles/OperationDefinition-break-glass.json): in an emergency, what labels and
 * Consents hide of one patient is there for one user with one app for a time (docs/access.md). Whoever does it says why; the
 * patient is told in the same transaction. `$break-glass-end` ends it before its time.
 */
import type { Communication } from '@medplum/fhirtypes'
import { everythingOf } from '../../access/permit.ts'
import type { CredentialUser } from '../../access/credential.ts'
import { endOpenings, newOpeningId } from '../../store/openings.ts'
import type { OpeningDocument } from '../../store/openings.ts'
import type { Answer } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { commitWrites } from '../../projection/write-back.ts'
import { forget } from '../../store/restrictions.ts'
import type { FhirContext } from '../context.ts'
import { notFound } from '../interactions/read.ts'
import { textInput } from './inputs.ts'
import type { Call, Operation } from './operation.ts'
import { parametersAnswer } from './parameters.ts'

const USE = 'break-glass:use'
const END = 'break-glass:end'
/** Of v3-ActReason, PurposeOfUse: break the glass, emergency treatment. */
const PURPOSES = ['BTG', 'ETREAT']
const LONGEST = 1_000

export const breakGlass: Operation = {
  code: 'break-glass',
  definition: 'break-glass',
  levels: ['instance'],
  access: 'parts',
  permissions: [USE],
  resources: ['Patient'],
  affectsState: true,
  inputs: [
    { name: 'reason', type: 'string', required: true },
    { name: 'purpose', type: 'code', required: true },
  ],
  async handle(context: FhirContext, { id = '', inputs }: Call): Promise<Answer> {
    const user = userOf(context)
    const reason = (textInput(inputs, 'reason') ?? '').trim()
    const purpose = textInput(inputs, 'purpose') ?? ''
    if (reason === '' || reason.length > LONGEST) throw refused(`"reason" says why, in 1 to ${LONGEST} characters.`)
    if (!PURPOSES.includes(purpose)) throw refused(`"purpose" is one of ${PURPOSES.join(', ')} (v3-ActReason).`)
    await assertPatient(context, id)
    const opening = openingOf(context, user, { patient: id, purpose, reason })
    const { writeBack, by, permit, request } = context
    const resource = noticeOf(opening, user)
    const told = { method: 'POST', type: 'Communication', resource, opening } as const
    const whole = everythingOf(permit.tenant)
    const { trail, deadline } = request
    trail?.because(purpose, reason)
    const written = await commitWrites(writeBack, whole, by, [told], deadline.left, { recordOf: trail?.recordOf })
    trail?.wrote(written)
    const [notice] = written
    return parametersAnswer('break-glass', [
      { name: 'until', valueInstant: opening.until.toISOString() },
      { name: 'notice', valueReference: { reference: (notice?._id ?? '').slice(permit.tenant.length + 1) } },
    ])
  },
}

export const breakGlassEnd: Operation = {
  code: 'break-glass-end',
  definition: 'break-glass-end',
  levels: ['instance'],
  access: 'parts',
  permissions: [USE, END],
  resources: ['Patient'],
  affectsState: true,
  inputs: [{ name: 'user', type: 'string' }],
  async handle(context: FhirContext, { id = '', inputs }: Call): Promise<Answer> {
    const { permissions, account: own } = userOf(context)
    const isOfficer = permissions.includes(END)
    await assertPatient(context, id)
    const account = isOfficer ? textInput(inputs, 'user') : own
    const { tenant } = context.permit
    const { store } = context.writeBack
    const ended = await endOpenings(store, { tenant, patient: id, by: context.by, account })
    forget(store, tenant)
    return parametersAnswer('break-glass-end', [{ name: 'ended', valueUnsignedInt: ended }])
  },
}

/** Programs have no roles, so that they do not get here. */
function userOf({ request }: FhirContext): CredentialUser {
  const user = request.caller.credential?.user
  if (user) return user
  throw new GatewayError('GW_FORBIDDEN', 'Only a user opens a record in an emergency.')
}

/** It may be hidden itself: a rule must allow it, whatever is denied. */
async function assertPatient({ reader, permit }: FhirContext, id: string): Promise<void> {
  const stored = await reader.read({ ...permit, denials: [] }, 'Patient', id)
  if (!stored || stored.deleted) throw notFound('Patient')
}

type Why = Pick<OpeningDocument, 'patient' | 'purpose' | 'reason'>

function openingOf(
  { permit, by, request, limits }: FhirContext,
  { account }: CredentialUser,
  why: Why,
): OpeningDocument {
  const from = new Date()
  const until = new Date(from.getTime() + limits.breakGlassSeconds * 1000)
  const client = request.caller.credential?.client ?? ''
  return { _id: newOpeningId(), t: permit.tenant, account, client, ...why, by, from, until }
}

/** Who and until when, and not the reason: what is suspected of a patient, or of who is with them, is in it. */
function noticeOf({ patient, purpose, from, until }: OpeningDocument, { person }: CredentialUser): Communication {
  const subject = { reference: `Patient/${patient}` }
  const category = { system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'notification' }
  const text = `Your record was opened in an emergency, with what is confidential or denied in it, until ${until.toISOString()}.`
  return {
    resourceType: 'Communication',
    status: 'completed',
    category: [{ coding: [category] }],
    ...{ subject, recipient: [subject], sent: from.toISOString() },
    ...(person?.startsWith('Practitioner/') && { sender: { reference: person } }),
    reasonCode: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: purpose }] }],
    payload: [{ contentString: text }],
  }
}

function refused(sentence: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', sentence)
}
