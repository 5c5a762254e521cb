/**
 * What is known of codes: code systems, value sets and concept maps by their canonical, each made ready once when it is
 * first asked for.
 */
import type { CodeableConcept, CodeSystem, Coding, ConceptMap, ValueSet } from '@medplum/fhirtypes'
import type { Registry } from '../registry.ts'
import type { CodeSystemIndex } from './code-system.ts'
import { indexOf } from './code-system.ts'
import type { CodeSet, Gap, Membership } from './code-set.ts'
import { OUT } from './code-set.ts'
import { codeSetOf } from './value-set.ts'

export interface Terminology {
  /** Undefined of a system of which no codes are loaded. */
  codeSystem(canonical: string): CodeSystemIndex | undefined
  valueSet(canonical: string): ValueSet | undefined
  /** The codes of the value set that is loaded under this canonical. */
  codes(canonical: string): CodeSet | undefined
  /** The codes of a value set that may be loaded or not. */
  codesOf(valueSet: ValueSet): CodeSet
  conceptMap(canonical: string): ConceptMap | undefined
  conceptMaps(): readonly ConceptMap[]
  codeSystems(): readonly CodeSystem[]
}

/** Systems and value sets that are kept ready: more than R4 has of them that are used together. */
const MOST = 500

export function terminologyOf(registry: Registry): Terminology {
  const indexes = new Map<string, CodeSystemIndex | undefined>()
  const sets = new Map<string, CodeSet | undefined>()
  const read = new Map<string, ValueSet | undefined>()
  const terminology: Terminology = {
    codeSystem: (canonical) =>
      kept(indexes, canonical, () => {
        const system = registry.find('CodeSystem', canonical)
        return system && indexOf(system)
      }),
    valueSet: (canonical) => kept(read, canonical, () => registry.find('ValueSet', canonical)),
    codes: (canonical) =>
      kept(sets, canonical, () => {
        const valueSet = terminology.valueSet(canonical)
        return valueSet && codeSetOf(valueSet, terminology)
      }),
    codesOf: (valueSet) => {
      const canonical = valueSet.url ?? ''
      const known = terminology.valueSet(canonical) === valueSet ? terminology.codes(canonical) : undefined
      return known ?? codeSetOf(valueSet, terminology)
    },
    conceptMap: (canonical) => registry.find('ConceptMap', canonical),
    conceptMaps: () => registry.all('ConceptMap'),
    codeSystems: () => registry.all('CodeSystem'),
  }
  return terminology
}

/** What was asked for last stays. */
function kept<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const value = cache.has(key) ? (cache.get(key) as T) : make()
  cache.delete(key)
  cache.set(key, value)
  const [oldest] = cache.size > MOST ? cache.keys() : []
  if (oldest !== undefined) cache.delete(oldest)
  return value
}

/**
 * Is it in the value set: a code whose system the value set tells, a coding, or one coding of a concept? `unknown` says
 * what is not loaded; it never means out.
 */
export function membership(
  terminology: Terminology,
  valueSet: string | ValueSet,
  asked: string | Coding | CodeableConcept,
): Membership {
  const codes = typeof valueSet === 'string' ? terminology.codes(valueSet) : terminology.codesOf(valueSet)
  if (!codes) return { is: 'unknown', gap: unknownValueSet(valueSet as string) }
  const codings = typeof asked === 'string' ? [{ code: asked }] : 'coding' in asked ? (asked.coding ?? []) : [asked]
  const found = codings.map((coding: Coding) => membershipOf(codes, coding))
  return found.find(({ is }) => is === 'in') ?? found.find(({ is }) => is === 'unknown') ?? OUT
}

export function unknownValueSet(canonical: string): Gap {
  return { canonical, sentence: `The value set "${canonical}" is not loaded here` }
}

/** Of a code without a system: the one of the value set's systems that has it. */
export function membershipOf(codes: CodeSet, { system, code }: Coding): Membership {
  if (code === undefined) return OUT
  if (system !== undefined) return codes.has(system, code)
  const found = [...codes.systems, ''].map((each) => codes.has(each, code))
  return found.find(({ is }) => is === 'in') ?? found.find(({ is }) => is === 'unknown') ?? OUT
}
