/**
 * What somebody reads for (PurposeOfUse of v3-ActReason), to which Consents may be limited. Programs say it by words of the
 * scope they were registered for, `purpose:HRESCH`; of people it is not known.
 */
import { above, hierarchyOf } from '../r4/hierarchies.ts'
import type { Credential } from './credential.ts'

const SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
const PREFIX = 'purpose:'

export function isPurposeWord(word: string): boolean {
  return word.startsWith(PREFIX) && isPurpose({ code: word.slice(PREFIX.length) })
}

export function isPurpose({
  system = SYSTEM,
  code = '',
}: {
  readonly system?: string
  readonly code?: string
}): boolean {
  return system === SYSTEM && overIt(code).slice(1).includes('PurposeOfUse')
}

/** None: it is not known. */
export function purposesOf({ scope, user }: Pick<Credential, 'scope' | 'user'>): string[] {
  const words = user ? [] : scope.split(' ').filter(isPurposeWord)
  return words.map((word) => word.slice(PREFIX.length)).sort()
}

/** Is a rule for some purposes one for who has those? What may be meant by a denial is, by a permission what certainly is. */
export function isFor(purposes: readonly string[], own: readonly string[], isDenial: boolean): boolean {
  if (own.length === 0) return isDenial
  const isUnder = (one: string, other: string): boolean => overIt(one).includes(other)
  if (!isDenial) return own.every((each) => purposes.some((other) => isUnder(each, other)))
  return own.some((each) => purposes.some((other) => isUnder(each, other) || isUnder(other, each)))
}

/** The code first. */
function overIt(code: string): string[] {
  const hierarchy = hierarchyOf(SYSTEM)
  return hierarchy ? above(hierarchy, code) : [code]
}
