/** Date parameters (R4 search.html#date). */
import { dateRange, type DateRange } from '../dates.ts'
import { type Extractor, listOf, type SearchKeys, sortBy, textOf } from './shape.ts'

/** Where an open period begins and ends: the first and last moment FHIR can write. */
const beginning = new Date('0001-01-01T00:00:00.000Z')
const end = new Date('9999-12-31T23:59:59.999Z')

export const dateKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  if (typeof value === 'string') addRange(keys, parameter, dateRange(value))
}

export const periodKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  addRange(keys, parameter, periodRange(value))
}

/** Only the outer limits of a schedule matter, not the days it skips. */
export const timingKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  const events = listOf(value, 'event').map((event) => (typeof event === 'string' ? dateRange(event) : undefined))
  const bounds = periodRange((value as { repeat?: { boundsPeriod?: unknown } } | undefined)?.repeat?.boundsPeriod)
  const ranges = [...events, bounds].filter((range) => range !== undefined)
  if (ranges.length === 0) return
  const l = ranges.reduce((first, range) => (range.l < first ? range.l : first), end)
  const h = ranges.reduce((last, range) => (range.h > last ? range.h : last), beginning)
  addRange(keys, parameter, { l, h })
}

function periodRange(period: unknown): DateRange | undefined {
  const start = textOf(period, 'start')
  const stop = textOf(period, 'end')
  if (start === undefined && stop === undefined) return undefined
  const first = start === undefined ? beginning : dateRange(start)?.l
  const last = stop === undefined ? end : dateRange(stop)?.h
  return first === undefined || last === undefined ? undefined : { l: first, h: last }
}

function addRange(keys: SearchKeys, parameter: string, range: DateRange | undefined): void {
  if (range === undefined) return
  keys.d.push({ p: parameter, l: range.l, h: range.h })
  sortBy(keys, parameter, range.l)
}
