/** What people write to each other. One that is sent here goes where the messages of who gets it are kept. */
import type { Communication, Patient, Practitioner, Reference, Resource } from '@medplum/fhirtypes'
import type { Kind } from '../../kind.ts'
import { findOne, itemsOf, itemWith, oneOf } from '../../kind.ts'
import type { ApiOperation } from '../../operation.ts'
import { ok } from '../../operation.ts'
import { namedOf, nameText, sourceOf, systemOf } from '../../plain.ts'
import type { Query, Records } from '../../records.ts'

const messages: Kind<'Communication'> = {
  type: 'Communication',
  name: 'message',
  among: [['category:missing', 'true']],
  parameters: {},
  date: 'sent',
  include: ['sender:Patient', 'recipient:Patient', 'patient'],
  view: (resource, names) => ({
    system: systemOf(resource),
    from: namedOf(resource.sender, names),
    to: (resource.recipient ?? []).flatMap((each) => namedOf(each, names) ?? []),
    patient: namedOf(resource.subject, names),
    text: resource.payload?.flatMap(({ contentString }) => contentString ?? []).join('\n') ?? '',
    sent: resource.sent,
    read: resource.received,
  }),
}

export const getMessage = oneOf(messages)

export const listMessages: ApiOperation = {
  async handle(request) {
    const { patient, practitioner } = request.query as Readonly<Record<string, string | undefined>>
    const filters: Query = [
      ...(patient === undefined ? [] : [ofPerson(`Patient/${patient}`)]),
      ...(practitioner === undefined ? [] : [ofPerson(`Practitioner/${practitioner}`)]),
    ]
    return ok(await itemsOf(messages, request, filters))
  },
}

/** From them, to them, or (a patient) about them. */
function ofPerson(reference: string): readonly [string, string] {
  const places = ['sender', 'recipient', ...(reference.startsWith('Patient/') ? ['subject'] : [])]
  return ['_filter', places.map((each) => `${each} re ${reference}`).join(' or ')]
}

interface Person {
  readonly patient?: string
  readonly practitioner?: string
}

export const sendMessage: ApiOperation = {
  async handle(request) {
    const { from, to, text } = request.body as { readonly from: Person; readonly to: Person; readonly text: string }
    const [sender, recipient] = [await readPerson(request.records, from), await readPerson(request.records, to)]
    const { id } = await request.records.create<'Communication'>({
      resourceType: 'Communication',
      ...keptWith(recipient),
      status: 'completed',
      sender: referenceTo(sender),
      recipient: [referenceTo(recipient)],
      sent: new Date().toISOString(),
      payload: [{ contentString: text }],
    })
    return itemWith(await findOne(messages, request, id), 201)
  },
  async again(request, [written = '']) {
    return itemWith(await findOne(messages, request, written.split('/')[1] ?? ''), 201)
  },
}

/** Whoever writes or is written to must be there for who asks. */
function readPerson(records: Records, { patient, practitioner }: Person): Promise<Patient | Practitioner> {
  return patient === undefined ? records.read('Practitioner', practitioner as string) : records.read('Patient', patient)
}

function referenceTo({ resourceType, id, name }: Patient | Practitioner): Reference<Patient | Practitioner> {
  const display = nameText(name?.[0])
  return { reference: `${resourceType}/${id}`, ...(display !== undefined && { display }) }
}

/** Where the system of who gets it keeps messages, its mapping has this profile; else the gateway keeps it itself. */
function keptWith(recipient: Resource): Pick<Communication, 'meta'> {
  const source = sourceOf(recipient)
  return source ? { meta: { profile: [`${source.base}/StructureDefinition/${source.system}-message`] } } : {}
}
