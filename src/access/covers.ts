/** Does one Permit allow all that another one does? What was gathered with the other is for who could ask for it again. */
import type { Permit, Rule } from './permit.ts'

export function covers(permit: Permit, other: Permit): boolean {
  if (permit.tenant !== other.tenant) return false
  if (permit.rules === 'everything') return true
  const { rules } = permit
  if (other.rules === 'everything') return false
  return other.rules.every((rule) => rules.some((each) => isWithin(rule, each))) && isForSame(permit, other)
}

/** Narrowed in the same way, or not at all. */
function isWithin(rule: Rule, by: Rule): boolean {
  const hasType = by.type === '*' || by.type === rule.type
  const hasLetters = Array.from(rule.letters).every((letter) => by.letters.includes(letter))
  const isAsWide = (['patients', 'name'] as const).every((key) => by[key] === undefined || isSame(by[key], rule[key]))
  return hasType && hasLetters && isAsWide && (by.where.length === 0 || isSame(by.where, rule.where))
}

/** Labels and Consents hide no more from it. */
function isForSame({ holder: one }: Permit, { holder: other }: Permit): boolean {
  const has = one?.clearance ?? []
  return (other?.clearance ?? []).every((each) => has.includes(each)) && isSame(one?.purposes, other?.purposes)
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
