/** `day-period`: a DATE ↔ the Period of that one day (a day someone would like an appointment on). */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { date } from './date.ts'
import { refuseLoss } from './covers.ts'

export const dayPeriod: CodecDefinition = {
  name: 'day-period',
  types: ['Period'],
  fields: 1,
  make(options) {
    const day = date.make(options)
    return {
      read(stored, context) {
        const start = day.read(stored, context)
        return { start, end: start }
      },
      write(fhir, before, context) {
        const { start, end } = (fhir ?? {}) as { start?: unknown; end?: unknown }
        if (start !== end)
          throw new NotStorableError('The source holds whole days: start and end must be the same date.')
        refuseLoss({ start, end }, fhir, 'period')
        return day.write?.(start, before, context)
      },
    }
  },
}
