/** `slots-text`: `{ monday: ["10:00"] }` ↔ the list "mon 10:00": starts without an end, which availableTime cannot say. */
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { fullTime, isDay, readWeek, shortTime, storeWeek } from './weekdays.ts'
import type { DaySlot } from './weekdays.ts'

function read(stored: unknown, context: CodecContext): string[] | undefined {
  const slots = readWeek(stored, context)
  const texts = slots.map(textOf).filter((text) => text !== undefined)
  if (texts.length < slots.length) context.warn('a slot is no time of the form HH:MM')
  return texts.length > 0 ? texts : undefined
}

function textOf({ day, slot }: DaySlot): string | undefined {
  const time = fullTime(slot)
  return time === undefined ? undefined : `${day} ${shortTime(time)}`
}

function slotOf(text: unknown): DaySlot {
  const [day, time, ...rest] = String(text).trim().split(' ')
  const full = fullTime(time)
  if (isDay(day) && full !== undefined && rest.length === 0) return { day, slot: shortTime(full) }
  throw new NotStorableError('A slot is a weekday and a time, such as "mon 10:00".')
}

export const slotsText: CodecDefinition = {
  name: 'slots-text',
  types: ['string'],
  fields: 1,
  list: true,
  make: () => ({
    read,
    write: (fhir, before, context) => storeWeek(((fhir ?? []) as readonly unknown[]).map(slotOf), before, context),
  }),
}
