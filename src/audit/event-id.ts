/** Ids of events: in the order of time, and no two alike whichever programs make them. Each is an id of FHIR. */
import { randomBytes } from 'node:crypto'

const program = randomBytes(6).toString('hex')
let counter = 0

/** 12 digits of milliseconds, 12 of the program, 6 that count up. */
export function eventId(at: number): string {
  counter = (counter + 1) & 0xff_ffff
  return timeIn(at) + program + counter.toString(16).padStart(6, '0')
}

/** What ids of this moment and later begin with, or more. */
export function timeIn(milliseconds: number): string {
  return Math.max(0, milliseconds).toString(16).padStart(12, '0')
}
