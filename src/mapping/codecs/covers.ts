/**
 * Does what a column would read back cover what was sent? A codec that keeps one part of a complex value refuses the
 * rest instead of losing it: never a 200 that stored less than it got.
 */
import { NotStorableError } from '../errors.ts'
import { fhirNumeral, sameNumber } from './numeral.ts'

/** Every member of `sent` is in `held`, numbers compared by value. */
export function covers(held: unknown, sent: unknown): boolean {
  if (sent === undefined || held === sent) return true
  const numeral = fhirNumeral(sent)
  if (numeral !== undefined) return sameNumber(fhirNumeral(held) ?? 'none', numeral)
  if (typeof sent !== 'object' || typeof held !== 'object' || sent === null || held === null) return false
  if (Array.isArray(sent)) return Array.isArray(held) && held.length === sent.length && members(held, sent)
  return members(held, sent)
}

function members(held: object, sent: object): boolean {
  return Object.entries(sent).every(([name, value]) => covers((held as Record<string, unknown>)[name], value))
}

/** Throws NotStorableError, naming the members that would be lost. */
export function refuseLoss(held: unknown, sent: unknown, what: string): void {
  if (covers(held, sent)) return
  const lost = Object.keys(sent as object).filter(
    (name) =>
      typeof held !== 'object' ||
      !covers((held as Record<string, unknown> | null)?.[name], (sent as Record<string, unknown>)[name]),
  )
  throw new NotStorableError(`The source cannot hold ${lost.join(', ')} of this ${what} as sent.`)
}
