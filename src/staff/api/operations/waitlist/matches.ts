/** Who on the waitlist a freed time suits, the best first. */
import type { Appointment, Resource } from '@medplum/fhirtypes'
import { clinicZone, dayAt } from '../../clinic-time.ts'
import type { ApiRequest } from '../../operation.ts'
import type { ApiParts } from '../../parts.ts'
import { namesIn } from '../../plain.ts'
import type { Records } from '../../records.ts'
import { actorId } from '../appointments/view.ts'
import type { Stored } from '../appointments/change.ts'
import type { Place } from '../appointments/place.ts'
import type { Entry, EntryView } from './entry.ts'
import { ALONG, OPEN, daysOf, entryOf, entryView } from './entry.ts'

/** Of those who wait the longest, so many are looked at. */
const LOOKED_AT = 100
const SHOWN = 5

type Asking = Pick<ApiRequest, 'records' | 'tenant'>

/** Whom the time of an appointment that is called off, or moved away, suits. */
export async function matchesOf(request: Asking, parts: ApiParts, freed: Appointment): Promise<EntryView[]> {
  const { start, end } = freed
  const practitioner = actorId(freed, 'Practitioner')
  if (start === undefined || end === undefined || practitioner === undefined) return []
  return matchesFor(request, parts, { practitioner, start: Date.parse(start), end: Date.parse(end) })
}

export async function matchesFor({ records, tenant }: Asking, parts: ApiParts, place: Place): Promise<EntryView[]> {
  if (place.start <= Date.now()) return []
  const day = dayAt(await clinicZone(parts, tenant), place.start)
  const { found, along } = await listed(records)
  const names = namesIn(along)
  return suited(found, along, place, day)
    .slice(0, SHOWN)
    .map((entry) => entryView(entry, names))
}

/** Of those on the list who have no offer. `along`: what they point at */
export function suited(
  list: readonly Stored[],
  along: readonly Resource[],
  place: Pick<Place, 'practitioner' | 'start'>,
  day: string,
): Entry[] {
  const waiting = list.map((each) => entryOf(each, along)).filter(({ status }) => status === 'waiting')
  // The order of those that are equal stays: who waits the longest is first
  return waiting
    .filter((entry) => suits(entry, place, day))
    .sort((a, b) => rank(b, place.practitioner) - rank(a, place.practitioner))
}

async function listed(records: Records): Promise<{ found: readonly Stored[]; along: readonly Resource[] }> {
  const query = [...OPEN, ['_sort', '_lastUpdated'] as const, ['_count', String(LOOKED_AT)] as const, ...ALONG]
  const { found, included } = await records.search('Appointment', query)
  return { found, along: included }
}

/** Whoever said no to this time is not asked again. */
function suits(
  { resource, matched }: Entry,
  { practitioner, start }: Pick<Place, 'practitioner' | 'start'>,
  day: string,
): boolean {
  const wanted = actorId(resource, 'Practitioner')
  const days = daysOf(resource)
  const isDeclined = matched?.start !== undefined && Date.parse(matched.start) === start
  return !isDeclined && (wanted === undefined || wanted === practitioner) && (days.length === 0 || days.includes(day))
}

/** Who waits for this practitioner before who takes any, who named the day before who takes any. */
function rank({ resource }: Entry, practitioner: string): number {
  return (actorId(resource, 'Practitioner') === practitioner ? 2 : 0) + (daysOf(resource).length > 0 ? 1 : 0)
}
