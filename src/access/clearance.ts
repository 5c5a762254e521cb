/**
 * Who sees what is marked as confidential, or what a Consent denies: permissions of roles, and for programs, which have
 * none, words of the scope they were registered for.
 */
import type { Level } from '../r4/labels.ts'
import type { Credential } from './credential.ts'

/** Restricted; very restricted, which has restricted in it; and not held to Consents. */
export const CLEARANCES = ['clearance:R', 'clearance:V', 'clearance:consent'] as const

export type Clearance = (typeof CLEARANCES)[number]

export function isClearance(word: string): word is Clearance {
  return (CLEARANCES as readonly string[]).includes(word)
}

export function clearanceOf({ scope, user }: Pick<Credential, 'scope' | 'user'>): Clearance[] {
  const words = user ? user.permissions : scope.split(' ')
  return CLEARANCES.filter((each) => words.includes(each))
}

export function isCleared(clearance: readonly Clearance[], level: Level): boolean {
  return clearance.includes('clearance:V') || (level === 'R' && clearance.includes('clearance:R'))
}

/** Then nothing is hidden for what it is marked with, or for a Consent. */
export function isFullyCleared(clearance: readonly Clearance[]): boolean {
  return clearance.includes('clearance:V') && clearance.includes('clearance:consent')
}
