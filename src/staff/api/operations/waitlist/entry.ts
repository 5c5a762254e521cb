/**
 * An entry of the waitlist: who waits, for whom, on which days. What it was offered is an appointment that is asked for
 * (`proposed`) and that the entry points at: whether the offer was taken is told by that appointment alone.
 */
import type { Appointment, Resource } from '@medplum/fhirtypes'
import { GatewayError } from '../../../../kernel/errors.ts'
import type { ApiParts } from '../../parts.ts'
import type { Named, NamesOf } from '../../plain.ts'
import { systemOf } from '../../plain.ts'
import type { Query, Records } from '../../records.ts'
import { versionOf } from '../../records.ts'
import type { Stored } from '../appointments/change.ts'
import { appointmentView, statusOf } from '../appointments/view.ts'
import type { AppointmentView } from '../appointments/view.ts'

export type EntryStatus = 'waiting' | 'offered' | 'booked' | 'removed'

export interface Entry {
  readonly resource: Stored
  readonly status: EntryStatus
  /** what it points at, as far as it may be seen */
  readonly matched?: Appointment
}

export interface EntryView {
  readonly id: string
  readonly version: number
  readonly system?: string | undefined
  readonly status: EntryStatus
  readonly patient?: Named | undefined
  readonly practitioner?: Named | undefined
  readonly days?: readonly string[]
  readonly type?: string
  readonly notes?: string
  readonly appointment?: AppointmentView
}

/** What sources call an entry that has found its appointment (the extension source-status). */
const FULFILLED = 'fulfilled'
/** Which are on the list still: what is fulfilled stays where its source keeps it. */
export const OPEN: Query = [
  ['status', 'waitlist'],
  ['source-status:not', FULFILLED],
]
const MATCHED = 'StructureDefinition/matched-appointment'
/** What is read along with entries. */
export const ALONG: Query = [
  ['_include', 'Appointment:patient'],
  ['_include', 'Appointment:matched-appointment'],
  ['_total', 'none'],
]

export function entryOf(resource: Stored, included: readonly Resource[]): Entry {
  const name = matchedIn(resource)
  const matched = included.find((each) => name === `${each.resourceType}/${each.id}`) as Appointment | undefined
  const status = resource.status === 'cancelled' ? 'removed' : stateOf(resource, name, matched)
  return { resource, status, ...(matched && { matched }) }
}

/** Offers that were declined, or appointments that were called off, leave the patient waiting. */
function stateOf(resource: Stored, name: string | undefined, matched: Appointment | undefined): EntryStatus {
  if (sourceWord(resource) === FULFILLED) return 'booked'
  if (name === undefined) return 'waiting'
  if (!matched) return 'booked'
  const status = statusOf(matched)
  if (status === 'requested') return 'offered'
  return status === 'cancelled' || status === 'entered-in-error' ? 'waiting' : 'booked'
}

function sourceWord({ extension = [] }: Appointment): string | undefined {
  return extension.find(({ url }) => url?.endsWith('/source-status'))?.valueCode
}

/** The reference of what it points at. */
export function matchedIn({ extension = [] }: Appointment): string | undefined {
  return extension.find(({ url }) => url?.endsWith(`/${MATCHED}`))?.valueReference?.reference
}

/** The entry, pointing at what it is offered. */
export function pointingAt(resource: Stored, reference: string, { base }: Pick<ApiParts, 'base'>): Stored {
  const url = `${base}/${MATCHED}`
  const others = resource.extension?.filter((each) => each.url !== url) ?? []
  return { ...resource, extension: [...others, { url, valueReference: { reference } }] }
}

export function entryView({ resource, status, matched }: Entry, names: NamesOf): EntryView {
  const { patient, practitioner, notes, type } = appointmentView(resource, names)
  const days = daysOf(resource)
  return {
    ...{ id: resource.id, version: versionOf(resource), system: systemOf(resource), status },
    ...(patient && { patient }),
    ...(practitioner && { practitioner }),
    ...(days.length > 0 && { days }),
    ...(type !== undefined && { type }),
    ...(notes !== undefined && { notes }),
    ...(matched && (status === 'offered' || status === 'booked') && { appointment: appointmentView(matched, names) }),
  }
}

/** Each day by itself: `2026-03-02` */
export function daysOf({ requestedPeriod = [] }: Appointment): string[] {
  return requestedPeriod.flatMap(({ start }) => (start === undefined ? [] : [start.slice(0, 10)]))
}

/** An appointment that is no entry is not on the list: 404 as if it were not there. */
export async function readEntry(records: Records, id: string): Promise<Entry & { readonly along: Resource[] }> {
  const { found, included } = await records.search('Appointment', [['_id', id], ...ALONG])
  const [resource] = found
  const isEntry = resource && (resource.status === 'waitlist' || resource.requestedPeriod !== undefined)
  if (!resource || !isEntry) throw new GatewayError('GW_NOT_FOUND', 'There is no entry of the waitlist with this id.')
  return { ...entryOf(resource, included), along: [...included] }
}
