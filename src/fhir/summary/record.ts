/** The resources of a patient that a summary shows, section by section, and what they refer to. */
import type { Resource } from '@medplum/fhirtypes'
import { GatewayError } from '../../kernel/errors.ts'
import type { Found } from '../../store/search-reader.ts'
import type { FhirContext } from '../context.ts'
import { exact } from '../document/parts.ts'
import { rowOf } from '../document/rows.ts'
import { isOfNobodyElse } from '../record/belonging.ts'
import { lastOfGroups } from '../record/code-groups.ts'
import type { Coded } from '../record/code-groups.ts'
import { compartmentFilter } from '../record/record-filter.ts'
import { referredBy } from '../record/referred.ts'
import { rootOf } from '../record/root.ts'
import { sectionOf, sections, summaryTypes } from './sections.ts'
import type { Section, SectionKey } from './sections.ts'

export interface Item {
  readonly found: Found
  /** with the digits of its decimals */
  readonly resource: Resource
}

export interface SummaryRecord {
  readonly patient: Found
  readonly items: ReadonlyMap<SectionKey, readonly Item[]>
  readonly referred: readonly Found[]
}

/** Who did it, with what, of what: not the visits, orders and bills around it. */
const PARTS = new Set([
  ...['Device', 'ImagingStudy', 'Location', 'Media', 'Medication', 'Observation', 'Organization', 'Practitioner'],
  ...['PractitionerRole', 'RelatedPerson', 'Specimen', 'Substance'],
])

/** All of one moment. Throws 413 where more than a summary looks at is there. */
export function summaryRecord(context: FhirContext, id: string): Promise<SummaryRecord> {
  const { permit, limits } = context
  return context.reader.atMoment(undefined, async (reader) => {
    const reading = { ...context, reader, now: Date.now() }
    const patient = await rootOf(reading, 'Patient', id)
    const filter = await compartmentFilter(reading, 'Patient', id, summaryTypes)
    const most = limits.everythingEntries
    const record = await reader.find(permit, { filter, sort: {}, limit: most + 1, fields: [] })
    if (record.length > most) throw tooMany(most)
    const items = chosen(record)
    const shown = [patient, ...[...items.values()].flat().map(({ found }) => found)]
    const referred = await referredBy(reading, shown, {
      seen: new Set(shown.map(({ _id }) => _id)),
      isShown: (type, otherId, keys) => PARTS.has(type) && isOfNobodyElse([id], type, otherId, keys),
      most,
    })
    context.request.trail?.saw([...shown, ...referred])
    return { patient, items, referred }
  })
}

function tooMany(most: number): GatewayError {
  const sentence = `A summary looks at ${most} resources of a record at most: ask for parts of it by searches.`
  return new GatewayError('GW_TOO_LARGE', sentence)
}

/** Nearly all of a long record is not shown: those are read once, by the quicker way. */
function chosen(record: readonly Found[]): Map<SectionKey, Item[]> {
  const read = record.map((found) => ({ found, resource: JSON.parse(found.body.toString()) as Resource }))
  const groups = Map.groupBy(read, ({ resource }) => sectionOf(resource))
  const shown = sections.flatMap((section): [SectionKey, Item[]][] => {
    const sorted = newestFirst(groups.get(section.key) ?? [])
    const items = isOfNewest(section) ? newestOfEach(sorted) : sorted
    return items.length > 0 ? [[section.key, items.map(({ found }) => ({ found, resource: exact(found.body) }))]] : []
  })
  return new Map(shown)
}

function isOfNewest(section: Section): boolean {
  return section.newest === true
}

function newestFirst(items: readonly Item[]): Item[] {
  const timed = items.map((item) => ({ item, time: rowOf(item.resource, () => undefined)[2] }))
  timed.sort((a, b) => (a.time === b.time ? order(a.item.found._id, b.item.found._id) : order(b.time, a.time)))
  return timed.map(({ item }) => item)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** As `$lastn` has it; a report is not of one group with its results. */
function newestOfEach(items: readonly Item[]): Item[] {
  const byType = Map.groupBy(items, ({ resource }) => resource.resourceType)
  const ids = [...byType.values()].flatMap((group) => lastOfGroups(group.map(codedOf), 1))
  const kept = new Set(ids)
  return items.filter(({ found }) => kept.has(found._id))
}

function codedOf({ found, resource }: Item): Coded {
  return { _id: found._id, code: (resource as { code?: Coded['code'] }).code }
}
