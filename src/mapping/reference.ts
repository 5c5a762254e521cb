/**
 * References (entities G8): a foreign key ↔ the resource that row became.
 *
 * The id is computed; whether it is there is asked through the context. A row that is not there gives a logical
 * reference, never one that answers 404.
 */
import type { Reference } from '@medplum/fhirtypes'
import type { BuildState } from './build-state.ts'
import { NotStorableError } from './errors.ts'
import { elementsIn } from './field.ts'
import type { Accessor } from './field.ts'
import { keyInId, keyText, MAX_ID } from './identity.ts'
import type { Rows } from './lens.ts'
import type { Target } from './scope.ts'

/** One way to read the foreign key: a column and the mapping it points at. */
export interface Candidate {
  readonly read: Accessor
  readonly target: Target
}

export interface ReferenceRule {
  readonly candidates: readonly Candidate[]
  readonly display?: readonly Accessor[]
}

export function referenceTo({ type, start }: Target, key: unknown): string {
  return start + keyInId(keyText(key), MAX_ID + type.length + 1 - start.length)
}

/** Every `Type/id` that the rule may ask about. */
export function referencesOf(rule: ReferenceRule, rows: Rows): string[] {
  return rule.candidates.flatMap(({ read, target }) => keysIn(read(rows)).map((key) => referenceTo(target, key)))
}

/** The Reference, or a list of them when a column holds many keys. */
export function readReference(rule: ReferenceRule, rows: Rows, state: BuildState): unknown {
  let missing: Reference | undefined
  for (const { read, target } of rule.candidates) {
    const key = read(rows)
    if (key === null) continue
    if (isList(key)) return keysIn(key).map((each) => literal(target, each, state) ?? logical(target, each))
    const found = literal(target, key, state)
    if (found) return withDisplay(found, rule, rows)
    missing ??= logical(target, key)
  }
  return missing && withDisplay(missing, rule, rows)
}

/** Undefined when nothing is there. */
function literal(target: Target, key: unknown, { context }: BuildState): Reference | undefined {
  const reference = referenceTo(target, key)
  return context.has(reference) ? { reference } : undefined
}

function logical(target: Target, key: unknown): Reference {
  return {
    type: target.type as NonNullable<Reference['type']>,
    identifier: { system: target.identifierSystem, value: keyText(key) },
  }
}

function withDisplay(reference: Reference, { display }: ReferenceRule, rows: Rows): Reference {
  const words = display && wordsOf(display, rows)
  if (words !== undefined) reference.display = words
  return reference
}

function wordsOf(reads: readonly Accessor[], rows: Rows): string | undefined {
  let words: string | undefined
  for (const read of reads) {
    const word = read(rows)
    if (word === null) continue
    const text = keyText(word).trim()
    words = words === undefined ? text : `${words} ${text}`
  }
  return words
}

function keysIn(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return []
  return isList(value) ? elementsIn(value).filter((key) => key !== null && key !== '') : [value]
}

/** A column of keys is an array, or JSON text of one: no key starts with a bracket. */
function isList(value: unknown): boolean {
  return Array.isArray(value) || (typeof value === 'string' && value.startsWith('['))
}

/** The foreign key a Reference stands for, in the kind the column held. */
export function keyOfReference(rule: ReferenceRule, reference: Reference, before: unknown): unknown {
  const [first] = rule.candidates as [Candidate]
  // a mark makes the prefix longer: `qivr-pr-1` is the key 1 of the candidate with the mark
  const targets = rule.candidates.map(({ target }) => target).sort((a, b) => b.mark.length - a.mark.length)
  const key = targets.reduce<string | undefined>((found, target) => found ?? keyIn(target, reference), undefined)
  if (key === undefined) {
    const { type, name, prefix } = first.target
    throw new NotStorableError(`must point at a ${type} that ${name} made (${prefix}…)`)
  }
  return typeof before === 'number' && /^\d+$/.test(key) ? Number(key) : key
}

function keyIn(target: Target, reference: Reference): string | undefined {
  const { identifier } = reference
  if (reference.reference === undefined) {
    return identifier?.system === target.identifierSystem ? identifier.value : undefined
  }
  const { start } = target
  return reference.reference.startsWith(start) ? reference.reference.slice(start.length) : undefined
}
