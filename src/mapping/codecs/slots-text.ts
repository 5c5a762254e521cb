/** `slots-text`: `{ monday: ["10:00"] }` ↔ the list "mon 10:00": starts without an end, which availableTime cannot say. */
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { fullTime, isDay, readWeek, shortTime, storeWeek, twoDigitTime } from './weekdays.ts'
import type { DaySlot } from './weekdays.ts'

function read(stored: unknown, context: CodecContext): string[] | undefined {
  const texts: string[] = []
  for (const slot of readWeek(stored, context)) {
    const text = textOf(slot)
    if (text === undefined) context.warn('a slot is no time of the form HH:MM')
    else texts.push(text)
  }
  return texts.length > 0 ? texts : undefined
}

function textOf({ day, slot }: DaySlot): string | undefined {
  const time = twoDigitTime(slot)
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
