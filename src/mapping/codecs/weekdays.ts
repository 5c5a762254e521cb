/** A JSON column by weekday, `{ monday: […] }` under any spelling of the day, as lists of slots from Monday to Sunday. */
import type { CodecContext } from '../codec.ts'
import { readJson, storeJson } from './json-column.ts'
import { clockDigits } from './time-text.ts'

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

/** By the usual spellings: `mon`, `Mon`, `monday`, `Monday`. */
const DAY_OF = new Map<string, Day>(DAYS.flatMap((day) => spellings(day).map((name) => [name, day] as const)))

function spellings(day: Day): string[] {
  return [day, NAMES[day]].flatMap((name) => [name, name.charAt(0).toUpperCase() + name.slice(1)])
}

const COLON = 58

function dayOf(key: string): Day | undefined {
  return DAY_OF.get(key) ?? DAY_OF.get(key.trim().toLowerCase())
}

function slotsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.filter(isSlot) : []
}

function isSlot(slot: unknown): boolean {
  return slot !== null && slot !== ''
}

export function readWeek(stored: unknown, context: CodecContext): DaySlot[] {
  const week = readJson(stored, context)
  if (week === undefined) return []
  const slots: DaySlot[] = []
  let inOrder = true
  for (const key of Object.keys(week)) {
    const day = dayOf(key)
    if (day === undefined) context.warn('a weekday has a name that is none')
    else inOrder = addSlots(slots, day, (week as Readonly<Record<string, unknown>>)[key]) && inOrder
  }
  return inOrder ? slots : slots.sort((a, b) => DAYS.indexOf(a.day) - DAYS.indexOf(b.day))
}

/** Are they still in the order of days? Mostly they were written so. */
function addSlots(slots: DaySlot[], day: Day, value: unknown): boolean {
  if (!Array.isArray(value)) return true
  const before = slots.at(-1)
  for (const slot of value as readonly unknown[]) if (isSlot(slot)) slots.push({ day, slot })
  return before === undefined || DAYS.indexOf(before.day) <= DAYS.indexOf(day)
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

/** `8:00` → `08:00`, `8:00:30` → `08:00:30`; undefined when it is no time. */
export function twoDigitTime(text: unknown): string | undefined {
  const written = String(text).trim()
  const time = written.charCodeAt(1) === COLON ? `0${written}` : written
  const { length } = time
  return (length === 5 || length === 8) && !Number.isNaN(clockDigits(time, 0, length === 8)) ? time : undefined
}

/** `8:00`, `08:00` → `08:00:00`; undefined when it is no time. */
export function fullTime(text: unknown): string | undefined {
  const time = twoDigitTime(text)
  return time?.length === 5 ? `${time}:00` : time
}

/** `08:00:00` → `08:00`. */
export function shortTime(full: string): string {
  return full.endsWith(':00') ? full.slice(0, 5) : full
}
