/** `weekday-hours`: `{ tuesday: [{ start, end }] }` (or JSON text of it) ↔ availableTime, one entry a range. */
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { covers } from './covers.ts'
import { fullTime, isDay, readWeek, shortTime, storeWeek } from './weekdays.ts'
import type { Day, DaySlot } from './weekdays.ts'

interface Hours {
  readonly daysOfWeek: readonly [Day]
  readonly availableStartTime: string
  readonly availableEndTime: string
}

function hoursOf({ day, slot }: DaySlot): Hours | undefined {
  const { start, end } = slot as { start?: unknown; end?: unknown }
  const [from, to] = [fullTime(start), fullTime(end)]
  if (from === undefined || to === undefined) return undefined
  return { daysOfWeek: [day], availableStartTime: from, availableEndTime: to }
}

function read(stored: unknown, context: CodecContext): Hours[] | undefined {
  const slots = readWeek(stored, context)
  const hours = slots.map(hoursOf).filter((each) => each !== undefined)
  if (hours.length < slots.length) context.warn('opening hours without a start and end of the form HH:MM')
  return hours.length > 0 ? hours : undefined
}

/** One slot a day of the entry; a slot that is there already keeps its other members. */
function slotsOf(sent: Partial<Hours>, old: readonly DaySlot[]): DaySlot[] {
  const [from, to] = [fullTime(sent.availableStartTime), fullTime(sent.availableEndTime)]
  const days: readonly unknown[] = sent.daysOfWeek ?? []
  if (from === undefined || to === undefined || days.length === 0 || !days.every(isDay)) {
    throw new NotStorableError('The source holds hours as weekdays with a start and an end time; send all three.')
  }
  return days.map((day) => {
    const held = { daysOfWeek: [day], availableStartTime: from, availableEndTime: to } as const
    if (!covers({ ...held, daysOfWeek: days }, sent)) {
      throw new NotStorableError('The source holds weekdays, start and end of opening hours, and nothing else of them.')
    }
    const kept = old.find((each) => covers(hoursOf(each), held))
    return kept ?? { day, slot: { start: shortTime(from), end: shortTime(to) } }
  })
}

function write(fhir: unknown, before: unknown, context: CodecContext): unknown {
  const old = before === null || before === undefined ? [] : readWeek(before, context)
  const slots = ((fhir ?? []) as readonly Partial<Hours>[]).flatMap((sent) => slotsOf(sent, old))
  return storeWeek(slots, before, context)
}

export const weekdayHours: CodecDefinition = {
  name: 'weekday-hours',
  types: ['PractitionerRole.availableTime', 'HealthcareService.availableTime'],
  fields: 1,
  list: true,
  make: () => ({ read, write }),
}
