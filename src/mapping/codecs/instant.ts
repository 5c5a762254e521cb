/**
 * `instant` and `wall-time`: timestamp ↔ dateTime or instant, always given in UTC.
 *
 * They differ in BSON dates only: a moment in one, the UTC digits of a wall time in the other (hms TIMESTAMP).
 */
import type { CodecDefinition } from '../codec.ts'
import { readTimestamp, storeTimestamp } from './moment.ts'
import type { Family } from './moment.ts'

function timestamp(name: string, family: Family): CodecDefinition {
  return {
    name,
    types: ['dateTime', 'instant'],
    fields: 1,
    make: ({ type }) => ({
      read: (stored, { timeZone }) => readTimestamp(stored, timeZone, family, type),
      write: (fhir, before, { timeZone }) => storeTimestamp(fhir, before, timeZone, family),
    }),
  }
}

export const instant = timestamp('instant', 'instant')
export const wallTime = timestamp('wall-time', 'wall')
