/**
 * How probable it is that two records are of one human (docs/operations.md says the same in words).
 *
 * What both tell is compared, each by its weight; what only one tells says nothing. Little told is little known: below
 * `ENOUGH` of weight the score shrinks.
 */
import type { Facts } from './facts.ts'
import { nameSimilarity } from './similarity.ts'

export const GRADES = ['certain', 'probable', 'possible'] as const
export type Grade = (typeof GRADES)[number]

export interface Score {
  readonly score: number
  /** none: certainly not */
  readonly grade: Grade | undefined
}

interface Evidence {
  readonly weight: number
  /** from 0 to 1 */
  readonly agreement: number
}

/** A name and a birth date, or an identifier and a name. */
const ENOUGH = 8
const PROBABLE = 0.8
const POSSIBLE = 0.6

export function scoreOf(one: Facts, other: Facts): Score {
  const name = nameEvidence(one, other)
  const born = birthEvidence(one.birthDate, other.birthDate)
  const identifier = identifierEvidence(one, other)
  const telecom = telecomEvidence(one, other)
  const all = [name, born, identifier, telecom, genderEvidence(one, other), placeEvidence(one, other)]
  const told = all.filter((each) => each !== undefined)
  const weight = told.reduce((sum, each) => sum + each.weight, 0)
  if (weight === 0) return { score: 0, grade: undefined }
  const agreed = told.reduce((sum, each) => sum + each.weight * each.agreement, 0)
  const score = Math.round((agreed / weight) * Math.min(1, weight / ENOUGH) * 1000) / 1000
  const isBacked = agrees(identifier) || agrees(telecom)
  const isCertain = isBacked && agrees(born) && (name?.agreement ?? 0) >= 0.92 && score >= 0.9
  return { score, grade: isCertain ? 'certain' : gradeOf(score) }
}

function gradeOf(score: number): Grade | undefined {
  if (score >= PROBABLE) return 'probable'
  return score >= POSSIBLE ? 'possible' : undefined
}

function agrees(evidence: Evidence | undefined): boolean {
  return evidence?.agreement === 1
}

/** Below 0.7 Jaro–Winkler finds likeness in any two names. */
function nameEvidence(one: Facts, other: Facts): Evidence | undefined {
  if (one.names.length === 0 || other.names.length === 0) return undefined
  const best = Math.max(...one.names.flatMap((a) => other.names.map((b) => nameSimilarity(a, b))))
  return { weight: 4, agreement: best < 0.7 ? 0 : best }
}

/** A part of a date may be all that is known; day and month may be swapped. */
function birthEvidence(one: string | undefined, other: string | undefined): Evidence | undefined {
  if (one === undefined || other === undefined) return undefined
  if (one === other) return { weight: 4, agreement: 1 }
  if (one.startsWith(other) || other.startsWith(one)) return { weight: 2, agreement: 0.9 }
  const [year, month, day] = one.split('-')
  if (other === `${year}-${day}-${month}`) return { weight: 4, agreement: 0.7 }
  const differing = Array.from(one).filter((letter, at) => letter !== other[at]).length
  return { weight: 4, agreement: one.length === other.length && differing === 1 ? 0.6 : 0 }
}

/** One system gives a human one value; the same long value under two systems may be the same number. */
function identifierEvidence(one: Facts, other: Facts): Evidence | undefined {
  const shared = [...one.identifiers].filter(([system]) => other.identifiers.has(system))
  if (shared.some(([system, value]) => other.identifiers.get(system) === value)) return { weight: 6, agreement: 1 }
  const values = new Set([...other.identifiers.values()].filter((value) => value.length >= 7))
  if ([...one.identifiers.values()].some((value) => values.has(value))) return { weight: 3, agreement: 1 }
  return shared.length > 0 ? { weight: 1, agreement: 0 } : undefined
}

/** A number can be the family's, and numbers change. */
function telecomEvidence(one: Facts, other: Facts): Evidence | undefined {
  const isShared = [...one.phones].some((each) => other.phones.has(each))
  if (isShared || [...one.emails].some((each) => other.emails.has(each))) return { weight: 3, agreement: 1 }
  const isTold = (one.phones.size > 0 && other.phones.size > 0) || (one.emails.size > 0 && other.emails.size > 0)
  return isTold ? { weight: 0.5, agreement: 0 } : undefined
}

function genderEvidence(one: Facts, other: Facts): Evidence | undefined {
  if (one.gender === undefined || other.gender === undefined) return undefined
  return { weight: 1, agreement: one.gender === other.gender ? 1 : 0 }
}

function placeEvidence(one: Facts, other: Facts): Evidence | undefined {
  if (one.places.size === 0 || other.places.size === 0) return undefined
  return { weight: 0.5, agreement: [...one.places].some((each) => other.places.has(each)) ? 1 : 0 }
}
