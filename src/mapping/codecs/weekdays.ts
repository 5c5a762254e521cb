/** A JSON column by weekday, `{ monday: […] }` under any spelling of the day, as lists of slots from Monday to Sunday. */
import type { CodecContext } from '../codec.ts'
import { readJson, storeJson } from './json-column.ts'

export type Day = (typeof DAYS)[number]

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const NAMES: Readonly<Record<Day, string>> = {
  mon: 'monday',
  tue: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  fri: 'friday',
  sat: 'saturday',
  sun: 'sunday',
}

export interface DaySlot {
  readonly day: Day
  readonly slot: unknown
}

export function isDay(text: unknown): text is Day {
  return (DAYS as readonly unknown[]).includes(text)
}

const DAY_OF = new Map<string, Day>(DAYS.flatMap((day) => [[day, day] as const, [NAMES[day], day] as const]))

function dayOf(key: string): Day | undefined {
  return DAY_OF.get(key) ?? DAY_OF.get(key.trim().toLowerCase())
}

function slotsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.filter((slot) => slot !== null && slot !== '') : []
}

export function readWeek(stored: unknown, context: CodecContext): DaySlot[] {
  const week = readJson(stored, context)
  if (week === undefined) return []
  const byDay = new Map<Day | undefined, unknown[]>()
  for (const [key, value] of Object.entries(week)) {
    const day = dayOf(key)
    byDay.set(day, [...(byDay.get(day) ?? []), ...slotsOf(value)])
  }
  if (byDay.has(undefined)) context.warn('a weekday has a name that is none')
  const slots: DaySlot[] = []
  for (const day of DAYS) for (const slot of byDay.get(day) ?? []) slots.push({ day, slot })
  return slots
}

/** Days keep the spelling and empty days they had; a key that is no weekday stays untouched. */
export function storeWeek(slots: readonly DaySlot[], before: unknown, context: CodecContext): unknown {
  const old = (before === null || before === undefined ? undefined : readJson(before, context)) ?? {}
  if (slots.length === 0 && Object.keys(old).length === 0) return storeJson(undefined, before)
  const week: Record<string, unknown> = {}
  const spelled = new Map<Day, string>()
  for (const [key, value] of Object.entries(old)) {
    const day = dayOf(key)
    if (day === undefined || slotsOf(value).length === 0) week[key] = value
    if (day !== undefined && !spelled.has(day)) spelled.set(day, key)
  }
  for (const day of DAYS) {
    const ofDay = slots.filter((each) => each.day === day).map(({ slot }) => slot)
    if (ofDay.length > 0) week[spelled.get(day) ?? NAMES[day]] = ofDay
  }
  return storeJson(week, before)
}

/** `8:00`, `08:00` → `08:00:00`; undefined when it is no time. */
export function fullTime(text: unknown): string | undefined {
  const [, hour = '', minute = '', second = '00'] =
    /^(\d{1,2}):([0-5]\d)(?::([0-5]\d))?$/.exec(String(text).trim()) ?? []
  return hour !== '' && Number(hour) < 24 ? `${hour.padStart(2, '0')}:${minute}:${second}` : undefined
}

/** `08:00:00` → `08:00`. */
export function shortTime(full: string): string {
  return full.endsWith(':00') ? full.slice(0, 5) : full
}
