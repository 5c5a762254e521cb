/** Where a rule's value comes from, as a closure that reads it: one leaf of the element tree for each of its paths. */
import { isPrimitive } from '../r4/elements.ts'
import type { BuildState } from './build-state.ts'
import type { Codec } from './codec.ts'
import { ExtendedPrimitive } from './codec.ts'
import type { Predicate } from './condition.ts'
import type { ElementPath } from './element-path.ts'
import type { Leaf, Read } from './element-tree.ts'
import type { Accessor, Field } from './field.ts'
import { keyText, resourceId } from './identity.ts'
import type { Lens, Rows } from './lens.ts'
import { readReference } from './reference.ts'
import type { ReferenceRule } from './reference.ts'
import { readReferenceOrDisplay } from './reference-or-display.ts'
import type { ReferenceOrDisplay } from './reference-or-display.ts'
import { readReferenceOrText } from './reference-or-text.ts'
import type { ReferenceOrText } from './reference-or-text.ts'
import type { Target } from './scope.ts'

/** How a rule gets its value, and how it would give it back. */
export type Source =
  | { readonly kind: 'constant'; readonly value: unknown }
  | {
      readonly kind: 'codec'
      readonly codec: Codec
      readonly fields: readonly Field[]
      readonly reads: readonly Accessor[]
    }
  | { readonly kind: 'reference'; readonly rule: ReferenceRule; readonly field: Field }
  | ({ readonly kind: 'reference-or-text' } & ReferenceOrText)
  | ({ readonly kind: 'reference-or-display' } & ReferenceOrDisplay)
  /** references to what another mapping makes of the same row, the first alone where the element takes one */
  | { readonly kind: 'parts'; readonly lens: () => Lens; readonly list: boolean }
  | { readonly kind: 'canonical'; readonly target: Target; readonly read: Accessor }

interface LeafPlan {
  readonly text: string
  readonly paths: readonly ElementPath[]
  readonly applies: Predicate | undefined
  /** the conditions as they are written */
  readonly conditions: string
  /** one value a path */
  readonly empty: readonly unknown[] | undefined
  readonly absent: string | undefined
}

/** One leaf a path. */
export function leavesOf(source: Source, plan: LeafPlan): Leaf[] {
  if (source.kind === 'constant') return plan.paths.map(() => constantLeaf(source.value, plan))
  const { paths, empty, applies, absent } = plan
  const whole = valueReader(source, plan.text)
  const reads = paths.length === 1 ? [empty ? orElse(whole, empty[0]) : whole] : readsOf(whole, paths.length, empty)
  return paths.map((path, index) => {
    let read = reads[index] as Read
    if (absent !== undefined) read = orElse(read, absentValue(path, absent, source))
    if (applies) read = guarded(read, applies)
    return { read, conditional: applies !== undefined }
  })
}

/** An extended primitive spreads over two names: the builder places it each time. */
function constantLeaf(value: unknown, { applies, conditions }: LeafPlan): Leaf {
  const read = applies ? (rows: Rows) => (applies(rows) ? value : undefined) : () => value
  const guard = applies && { guard: { text: conditions, holds: applies } }
  return {
    read,
    ...(!(value instanceof ExtendedPrimitive) && { constant: { value, ...guard } }),
    ...(applies && { conditional: true }),
  }
}

/** A value that goes to several places is made once. */
function readsOf(whole: Read, count: number, empty: readonly unknown[] | undefined): Read[] {
  const once = latest(empty ? orAll(whole, empty) : whole)
  return Array.from({ length: count }, (_, index) => nth(once, index))
}

/** Remembers the last value: the leaves of one rule are read one after the other. */
function latest(read: Read): Read {
  let last: { readonly rows: Rows; readonly state: BuildState; readonly value: unknown } | undefined
  return (rows, state) => {
    if (last?.state === state && last.rows === rows) return last.value
    const value = read(rows, state)
    last = { rows, state, value }
    return value
  }
}

function valueReader(source: Exclude<Source, { kind: 'constant' }>, text: string): Read {
  if (source.kind === 'reference') {
    const { rule } = source
    return (rows, state) => {
      state.rule = text
      return readReference(rule, rows, state)
    }
  }
  if (source.kind === 'reference-or-text') {
    return (rows, state) => {
      state.rule = text
      return readReferenceOrText(source, rows, state)
    }
  }
  if (source.kind === 'reference-or-display') {
    return (rows, state) => {
      state.rule = text
      return readReferenceOrDisplay(source, rows, state)
    }
  }
  if (source.kind === 'parts') {
    const { lens, list } = source
    return (_rows, state) => (list ? partReferences(lens(), state) : partReferences(lens(), state)[0])
  }
  if (source.kind === 'canonical') {
    const { target, read } = source
    return (rows) => {
      const key = read(rows)
      return key === null ? undefined : target.canonicalBase + resourceId(target.prefix + target.mark, keyText(key), '')
    }
  }
  return codecReader(source.codec, source.reads, text)
}

function codecReader(codec: Codec, reads: readonly Accessor[], text: string): Read {
  const [first] = reads
  if (first && reads.length === 1) {
    return (rows, state) => {
      const stored = first(rows)
      if (stored === null) return undefined
      state.rule = text
      return codec.read(stored, state)
    }
  }
  const columns = columnsReader(reads)
  return (rows, state) => {
    const stored = columns(rows)
    if (stored === undefined) return undefined
    state.rule = text
    return codec.read(stored, state)
  }
}

/** The values of several columns; undefined when all are empty. Two and three are most, and quicker written out. */
function columnsReader(reads: readonly Accessor[]): (rows: Rows) => readonly unknown[] | undefined {
  const [first, second, third] = reads as readonly [Accessor, Accessor, Accessor]
  if (reads.length === 2) {
    return (rows) => {
      const [a, b] = [first(rows), second(rows)]
      return a === null && b === null ? undefined : [a, b]
    }
  }
  if (reads.length === 3) {
    return (rows) => {
      const [a, b, c] = [first(rows), second(rows), third(rows)]
      return a === null && b === null && c === null ? undefined : [a, b, c]
    }
  }
  return (rows) => {
    const stored = reads.map((read) => read(rows))
    return stored.some((value) => value !== null) ? stored : undefined
  }
}

/** Both mappings name the row and its joins by the same aliases, so the rows at hand serve the other one too. */
function partReferences(lens: Lens, { context, part }: BuildState): { reference: string }[] {
  const references: { reference: string }[] = []
  for (const { gone, type, id } of lens.parts(part.rows, context)) {
    if (!gone) references.push({ reference: `${type}/${id}` })
  }
  return references
}

function nth(read: Read, index: number): Read {
  return (rows, state) => (read(rows, state) as readonly unknown[] | undefined)?.[index] ?? undefined
}

function guarded(read: Read, applies: Predicate): Read {
  return (rows: Rows, state) => (applies(rows) ? read(rows, state) : undefined)
}

function orElse(read: Read, value: unknown): Read {
  return (rows, state) => read(rows, state) ?? value
}

/** Of several paths all are empty, or none is. */
function orAll(read: Read, values: readonly unknown[]): Read {
  return (rows, state) => {
    const found = read(rows, state) as readonly unknown[] | undefined
    return found?.some((value) => value !== undefined) ? found : values
  }
}

/**
 * http://hl7.org/fhir/R4/extension-data-absent-reason.html. A Reference still says its type, so that an item known by
 * it (`participant[actor=Patient]`) is found again.
 */
export function absentValue(path: ElementPath, code: string, source?: Source): unknown {
  const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: code }]
  if (isPrimitive(path.type)) return new ExtendedPrimitive(undefined, extension)
  const type = source?.kind === 'reference' ? source.rule.candidates[0]?.target.type : undefined
  return { extension, ...(type && { type }) }
}
