/**
 * `day-or-moment`: fields `[DATE, TIMESTAMP]` ↔ the day, or the moment where there is no day (a record without a visit
 * date is dated by when its row was made). The moment is wall time; it is never written, a day sent goes into the DATE.
 */
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { date } from './date.ts'
import { wallTime } from './instant.ts'

export const dayOrMoment: CodecDefinition = {
  name: 'day-or-moment',
  types: ['dateTime'],
  fields: 2,
  make(options) {
    const [days, moments] = [date.make(options), wallTime.make(options)]
    return {
      read(stored, context: CodecContext) {
        const [day, moment] = stored as readonly unknown[]
        return day === null ? moments.read(moment, context) : days.read(day, context)
      },
      write(fhir, before, context) {
        const [day, moment] = before as readonly unknown[]
        return [days.write?.(fhir, day, context), moment]
      },
    }
  },
}
