/**
 * `assumed-end`: a start, of which no column says how long it takes → the end, `default` (30) minutes later: R4 wants
 * an end beside a start (app-2, app-3). Read only; `end-or-assumed` and `plus-minutes` are for sources that have one.
 */
import type { CodecDefinition } from '../codec.ts'
import { readMoment, utcText } from './moment.ts'

const MINUTE = 60_000

export const assumedEnd: CodecDefinition = {
  name: 'assumed-end',
  types: ['instant', 'dateTime'],
  fields: 1,
  options: { default: { type: 'integer', minimum: 1 } },
  make: ({ default: minutes = 30 }) => ({
    read(start, { timeZone }) {
      const { at, fraction } = readMoment(start, timeZone, 'instant')
      return utcText({ at: at + Number(minutes) * MINUTE, fraction })
    },
  }),
}
