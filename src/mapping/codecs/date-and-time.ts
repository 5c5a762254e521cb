/** `date-and-time`: `[day, HH:MM]` ↔ the moment in the system's zone. */
import type { CodecDefinition } from '../codec.ts'
import { readDayAndTime, storeDayAndTime } from './day-and-time.ts'
import { utcText } from './moment.ts'

export const dateAndTime: CodecDefinition = {
  name: 'date-and-time',
  types: ['dateTime', 'instant'],
  fields: 2,
  make: () => ({
    read(stored, { timeZone }) {
      const columns = stored as readonly unknown[]
      const at = readDayAndTime(columns[0], columns[1], timeZone)
      return at === undefined ? undefined : utcText({ at, fraction: '' })
    },
    write: (fhir, before, context) => storeDayAndTime(fhir, (before ?? []) as readonly unknown[], context),
  }),
}
