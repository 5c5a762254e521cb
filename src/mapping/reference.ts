/**
 * References (entities G8): a foreign key ↔ the resource that row became.
 *
 * The id is computed; whether it is there is asked through the context. A row that is not there gives a logical
 * reference, never one that answers 404.
 */
import type { Reference } from '@medplum/fhirtypes'
import type { BuildState } from './build-state.ts'
import type { Cells } from './cells.ts'
import { NotStorableError } from './errors.ts'
import { elementsIn, fromJson } from './field.ts'
import type { Accessor } from './field.ts'
import { keyInId, keyText, MAX_ID } from './identity.ts'
import type { Rows } from './lens.ts'
import type { Target } from './scope.ts'

/** More than the rows of a batch refer to. */
const MOST_REMEMBERED = 4_000

/** One way to read the foreign key: a column, from rows or among the cells of a build, and the mapping it points at. */
export interface Candidate {
  readonly read: Accessor
  readonly cell: number
  readonly target: Target
}

export interface ReferenceRule {
  readonly candidates: readonly Candidate[]
  /** the element takes a list: the column holds many keys */
  readonly list?: boolean
  /** cells */
  readonly display?: readonly number[]
}

/**
 * Asked at least twice for each row: for what it refers to, then while it is built. A text that is put together anew is
 * also hashed anew by whoever looks it up.
 */
export function referenceTo(target: Target, key: unknown): string {
  const { references } = target
  if (typeof key !== 'string' && typeof key !== 'number') return newReference(target, keyText(key))
  const known = references.get(key)
  if (known !== undefined) return known
  const made = newReference(target, keyText(key))
  if (references.size >= MOST_REMEMBERED) references.clear()
  references.set(key, made)
  return made
}

function newReference({ type, start }: Target, key: string): string {
  return start + keyInId(key, MAX_ID + type.length + 1 - start.length)
}

/** Every `Type/id` that the rule may ask about. */
export function referencesOf(rule: ReferenceRule, rows: Rows): string[] {
  return rule.candidates.flatMap(({ read, target }) => keysIn(read(rows)).map((key) => referenceTo(target, key)))
}

/** The Reference, or a list of them when a column holds many keys. */
export function readReference(rule: ReferenceRule, cells: Cells, state: BuildState): unknown {
  let missing: Reference | undefined
  for (const { cell, target } of rule.candidates) {
    const key = cells[cell]
    if (key === null) continue
    if (rule.list) return listedKeys(key, state).map((each) => literal(target, each, state) ?? logical(target, each))
    const found = literal(target, key, state)
    if (found) return withDisplay(found, rule, cells)
    missing ??= logical(target, key)
  }
  return missing && withDisplay(missing, rule, cells)
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

function withDisplay(reference: Reference, { display }: ReferenceRule, cells: Cells): Reference {
  const words = display && wordsOf(display, cells)
  if (words !== undefined) reference.display = words
  return reference
}

function wordsOf(display: readonly number[], cells: Cells): string | undefined {
  let words: string | undefined
  for (const cell of display) {
    const word = cells[cell]
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

/** Text that starts as a list and is none holds no key. */
function listedKeys(column: unknown, state: BuildState): readonly unknown[] {
  if (typeof column === 'string' && column.startsWith('[') && !isList(column)) {
    state.warn('the text is not JSON of a list')
    return []
  }
  return keysIn(column)
}

/** A column of keys is an array, or JSON text of one. */
function isList(value: unknown): boolean {
  return Array.isArray(value) || (typeof value === 'string' && value.startsWith('[') && Array.isArray(fromJson(value)))
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
