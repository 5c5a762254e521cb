/**
 * Wall time ↔ moment in an IANA zone.
 *
 * Intl says what a zone's offset is but takes microseconds to do so; a backfill asks hundreds of thousands of times. So
 * each zone keeps a table of its offsets, filled a year at a time when first needed, and the offsets of the days that
 * were asked for. Wall times are numbers here: the milliseconds of their digits read as if they were UTC.
 */

const DAY = 86_400_000
/** No zone changes its offset and back within less. */
const STEP = 7 * DAY
/** More than a century of days is no clinic's. */
const MOST_DAYS = 40_000
/** Intl counts years before 1 as years of another era; no zone changed its offset then. */
const FIRST_YEAR = 2

interface Zone {
  readonly format: Intl.DateTimeFormat
  readonly years: Map<number, readonly Span[]>
  /** by day on the wall */
  readonly days: Map<number, Day>
  /** the span asked for last: rows of one time are read together */
  last: Span
}

/** From a moment until before another, the zone has one offset. */
interface Span {
  readonly from: number
  readonly to: number
  readonly offset: number
}

/** Wall times of a day have one offset, and another from the first that the clocks show after they were changed. */
interface Day {
  readonly before: number
  readonly after: number
  readonly until: number
}

const ALWAYS_UTC = new Set(['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT', 'Z'])
const always: Span = { from: -Infinity, to: Infinity, offset: 0 }
const never: Span = { from: 0, to: 0, offset: 0 }
const zones = new Map<string, Zone>()

/** The moment of a wall time. In a gap (clocks go forward) it moves forward; in an overlap it is the first one. */
export function wallToInstant(name: string, wall: number): number {
  const zone = zones.get(name) ?? openZone(name)
  const day = Math.floor(wall / DAY)
  const { until, before, after } = zone.days.get(day) ?? openDay(zone, day)
  return wall - (wall < until ? before : after)
}

/** What a clock on the wall shows at a moment. */
export function instantToWall(name: string, instant: number): number {
  return instant + spanAt(zones.get(name) ?? openZone(name), instant).offset
}

/** A wall time is less than a day from its moment: what happens a day before and a day after it decides. */
function openDay(zone: Zone, day: number): Day {
  const first = spanAt(zone, (day - 1) * DAY)
  let next = first
  while (next.offset === first.offset && next.to < (day + 2) * DAY) next = spanAt(zone, next.to)
  const [before, after] = [first.offset, next.offset]
  const known = { before, after, until: before === after ? Infinity : next.from + Math.max(before, after) }
  if (zone.days.size >= MOST_DAYS) zone.days.clear()
  zone.days.set(day, known)
  return known
}

function spanAt(zone: Zone, instant: number): Span {
  const { last } = zone
  if (instant >= last.from && instant < last.to) return last
  const year = Math.max(FIRST_YEAR, new Date(instant).getUTCFullYear())
  const spans = zone.years.get(year) ?? fillYear(zone, year)
  zone.last = spans.find(({ to }) => instant < to) as Span
  return zone.last
}

function openZone(name: string): Zone {
  const part = 'numeric'
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    ...{ year: part, month: part, day: part, hour: part, minute: part, second: part },
  })
  const zone: Zone = { format, years: new Map(), days: new Map(), last: ALWAYS_UTC.has(name) ? always : never }
  zones.set(name, zone)
  return zone
}

function fillYear(zone: Zone, year: number): readonly Span[] {
  const end = startOf(year + 1)
  const spans: Span[] = []
  let from = startOf(year)
  let offset = intlOffset(zone, from)
  for (let low = from; low < end; low += STEP) {
    const high = Math.min(low + STEP, end)
    const next = intlOffset(zone, high)
    if (next === offset) continue
    const at = transition(zone, low, high)
    spans.push({ from, to: at, offset })
    from = at
    offset = next
  }
  spans.push({ from, to: end, offset })
  zone.years.set(year, spans)
  return spans
}

/** The first moment after `low` with the offset of `high`. */
function transition(zone: Zone, low: number, high: number): number {
  const offset = intlOffset(zone, high)
  let [from, to] = [low, high]
  while (to - from > 1000) {
    const middle = Math.floor((from + to) / 2000) * 1000
    if (intlOffset(zone, middle) === offset) to = middle
    else from = middle
  }
  return to
}

/** Not Date.UTC alone, which takes the years 0–99 for 1900–1999. */
function startOf(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1)
}

function intlOffset(zone: Zone, instant: number): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of zone.format.formatToParts(instant)) parts[type] = Number(value)
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts
  const midnight = new Date(0).setUTCFullYear(year, month - 1, day)
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000 - Math.floor(instant / 1000) * 1000
}
