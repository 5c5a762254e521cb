/**
 * Resources by the time of their last change, without an index on it: with `u` in an index of `resources`, this server
 * would work out all search keys of a resource anew at every update (docs/performance.md).
 *
 * `versions` has that index anyway, since every change is a version. A resource that was last changed in a span of time
 * has a version there, so versions tell which resources may be meant, and the ordinary filter tells which are.
 */
import type { Filter } from 'mongodb'
import type { Store } from './collections.ts'
import type { ResourceDocument, VersionDocument } from './documents.ts'
import type { Reading } from './moment.ts'

/** From the first moment to before the second; open where one is missing. */
export interface TimeSpan {
  readonly from?: Date
  readonly to?: Date
}

interface Step {
  /** those with a version in `span`; undefined: too many versions were passed, so any resource may be meant */
  readonly ids: readonly string[] | undefined
  readonly span: TimeSpan
}

/** Some types of a tenant, or all of it. */
export type Place = { readonly tt: string | { readonly $in: readonly string[] } } | { readonly t: string }

export interface Way {
  readonly place: Place
  readonly span: TimeSpan
  readonly direction: 1 | -1
  /** so many changes make the first step */
  readonly first: number
}

type Mark = Pick<VersionDocument, '_id' | 'u'>

/** What the index alone can answer. */
const projection = { _id: 1, u: 1 } as const

const LONGEST_STEP = 5_000
/** Where most versions are not current any more, looking at all resources of the type is cheaper than walking on. */
const LONGEST_WALK = 20_000

function spanFilter({ from, to }: TimeSpan): { u?: { $gte?: Date; $lt?: Date } } {
  return from || to ? { u: { ...(from && { $gte: from }), ...(to && { $lt: to }) } } : {}
}

function indexOf(place: Place): string {
  return 'tt' in place ? 'of-type' : 'of-tenant'
}

/** The `_id`s of the resources that have a version in the span; undefined when there are more than `limit` versions. */
export async function changedWithin(
  { versions }: Store,
  place: Place,
  span: TimeSpan,
  limit: number,
  reading: Reading,
): Promise<string[] | undefined> {
  const wanted = { projection, hint: indexOf(place), limit: limit + 1, batchSize: limit + 1 }
  const filter = { ...place, ...spanFilter(span) } as Filter<VersionDocument>
  const marks = await reading((options) => versions.find(filter, { ...options, ...wanted }).toArray())
  return marks.length > limit ? undefined : resourcesOf(marks)
}

/** Step by step through a span, the latest change first when `direction` is -1. */
export async function* walk(store: Store, way: Way, reading: Reading): AsyncGenerator<Step> {
  let { span: rest } = way
  let walked = 0
  for (let size = way.first; walked < LONGEST_WALK; size = Math.min(2 * size, LONGEST_STEP)) {
    const marks = await readStep(store, { ...way, span: rest }, size, reading)
    const last = marks.at(-1)
    if (!last || marks.length < size) {
      yield { ids: resourcesOf(marks), span: rest }
      return
    }
    const [step, after] = splitAt(rest, last.u, way.direction)
    yield { ids: resourcesOf(marks), span: step }
    walked += marks.length
    rest = after
  }
  yield { ids: undefined, span: rest }
}

/** At least `size` of them, unless fewer are left; and all of the last one's moment: what a batch wrote has one time. */
async function readStep(
  { versions }: Store,
  { place, span, direction }: Way,
  size: number,
  reading: Reading,
): Promise<Mark[]> {
  const wanted = { projection, hint: indexOf(place), sort: { u: direction, _id: direction }, batchSize: size }
  const read = (condition: object, limit: number): Promise<Mark[]> =>
    reading((options) =>
      versions.find({ ...place, ...condition } as Filter<VersionDocument>, { ...options, ...wanted, limit }).toArray(),
    )
  const marks = await read(spanFilter(span), size)
  const last = marks.at(-1)
  if (!last || marks.length < size) return marks
  const beyond = direction > 0 ? { $gt: last._id } : { $lt: last._id }
  return [...marks, ...(await read({ u: last.u, _id: beyond }, 0))]
}

/** The span up to and with a moment, and what comes after it. */
function splitAt(span: TimeSpan, moment: Date, direction: 1 | -1): [step: TimeSpan, after: TimeSpan] {
  const next = new Date(moment.getTime() + 1)
  if (direction > 0)
    return [
      { ...span, to: next },
      { ...span, from: next },
    ]
  return [
    { ...span, from: moment },
    { ...span, to: moment },
  ]
}

/** `<tenant>/<Type>/<id>/<version>` */
function resourcesOf(marks: readonly Mark[]): string[] {
  return [...new Set(marks.map(({ _id }) => _id.slice(0, _id.lastIndexOf('/'))))]
}

export function stepFilter({ ids, span }: Step): Filter<ResourceDocument> {
  return { ...spanFilter(span), ...(ids && { _id: { $in: [...ids] } }) }
}
