/** Where a rule's value comes from, as a closure that reads it: one leaf of the element tree for each of its paths. */
import { isPrimitive } from '../r4/elements.ts'
import type { BuildState } from './build-state.ts'
import { cellsOf } from './cells.ts'
import type { CellTable } from './cells.ts'
import type { Codec } from './codec.ts'
import { ExtendedPrimitive } from './codec.ts'
import type { ElementPath } from './element-path.ts'
import type { Guard, Leaf, Read } from './element-tree.ts'
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
      readonly cells: readonly number[]
    }
  | { readonly kind: 'reference'; readonly rule: ReferenceRule; readonly field: Field }
  | ({ readonly kind: 'reference-or-text' } & ReferenceOrText)
  | ({ readonly kind: 'reference-or-display' } & ReferenceOrDisplay)
  /** references to what another mapping makes of the same row, the first alone where the element takes one */
  | { readonly kind: 'parts'; readonly lens: () => Lens; readonly list: boolean }
  | { readonly kind: 'canonical'; readonly target: Target; readonly cell: number }

type VaryingSource = Exclude<Source, { kind: 'constant' }>

interface LeafPlan {
  readonly table: CellTable
  readonly text: string
  readonly paths: readonly ElementPath[]
  readonly guard: Guard | undefined
  /** one value a path */
  readonly empty: readonly unknown[] | undefined
  readonly absent: string | undefined
}

/** One leaf a path. */
export function leavesOf(source: Source, plan: LeafPlan): Leaf[] {
  if (source.kind === 'constant') return plan.paths.map(() => constantLeaf(source.value, plan))
  const { paths, empty, guard, absent, table } = plan
  const needs = empty === undefined && absent === undefined ? onlyCell(source) : undefined
  const decided = { ...guard?.decided, ...(needs !== undefined && { needs }) }
  const missing = paths.map((path) => (absent === undefined ? undefined : absentValue(path, absent, source)))
  const reads =
    paths.length === 1
      ? [valueReader(source, plan, empty?.[0] ?? missing[0])]
      : readsOf(valueReader(source, plan), missing, empty)
  return reads.map((read) => ({
    read: guard ? guarded(read, guard, table) : read,
    conditional: guard !== undefined,
    decided,
  }))
}

function onlyCell(source: Source): number | undefined {
  if (source.kind === 'codec') return source.cells.length === 1 ? source.cells[0] : undefined
  if (source.kind !== 'reference') return undefined
  const [only, ...others] = source.rule.candidates
  return others.length === 0 ? only?.cell : undefined
}

/** An extended primitive spreads over two names: the builder places it each time. */
function constantLeaf(value: unknown, { guard, table }: LeafPlan): Leaf {
  const always: Read = () => value
  return {
    read: guard ? guarded(always, guard, table) : always,
    ...(!(value instanceof ExtendedPrimitive) && { constant: { value, ...(guard && { guard }) } }),
    ...(guard && { conditional: true, decided: guard.decided }),
  }
}

type Values = readonly unknown[] | undefined

/** A value that goes to several places is made once: the leaves of one rule are read one after the other. */
function readsOf(whole: Read, missing: readonly unknown[], empty: readonly unknown[] | undefined): Read[] {
  const read = empty ? orAll(whole, empty) : whole
  let last: { readonly rows: Rows; readonly state: BuildState; readonly values: Values } | undefined
  const nth = (index: number, otherwise: unknown): Read => {
    return (rows, state) => {
      if (last?.state !== state || last.rows !== rows) last = { rows, state, values: read(rows, state) as Values }
      return last.values?.[index] ?? otherwise
    }
  }
  return missing.map((otherwise, index) => nth(index, otherwise))
}

function valueReader(source: VaryingSource, plan: LeafPlan, otherwise?: unknown): Read {
  if (source.kind === 'codec') return codecReader(source.codec, source.cells, plan, otherwise)
  const read = linkReader(source, plan)
  return otherwise === undefined ? read : orElse(read, otherwise)
}

function linkReader(source: Exclude<VaryingSource, { kind: 'codec' }>, { text, table }: LeafPlan): Read {
  if (source.kind === 'reference') {
    const { rule } = source
    return (rows, state) => {
      state.rule = text
      return readReference(rule, cellsOf(table, rows, state), state)
    }
  }
  if (source.kind === 'reference-or-text') {
    return (rows, state) => {
      state.rule = text
      return readReferenceOrText(source, cellsOf(table, rows, state), state)
    }
  }
  if (source.kind === 'reference-or-display') {
    return (rows, state) => {
      state.rule = text
      return readReferenceOrDisplay(source, cellsOf(table, rows, state), state)
    }
  }
  if (source.kind === 'parts') {
    const { lens, list } = source
    return (_rows, state) => (list ? partReferences(lens(), state) : partReferences(lens(), state)[0])
  }
  const { target, cell } = source
  return (rows, state) => {
    const key = cellsOf(table, rows, state)[cell]
    return key === null ? undefined : target.canonicalBase + resourceId(target.prefix + target.mark, keyText(key), '')
  }
}

/** What stands for nothing is given by the closure that finds nothing: one around it would be called for every row. */
function codecReader(codec: Codec, cells: readonly number[], plan: LeafPlan, otherwise: unknown): Read {
  const { table, text } = plan
  const [first = 0, second = 0, third = 0, fourth = 0] = cells
  if (cells.length === 1) return oneReader(codec, first, plan, otherwise)
  // two to four columns are most, and quicker written out
  if (cells.length === 2) {
    return (rows, state) => {
      const from = cellsOf(table, rows, state)
      const [a, b] = [from[first], from[second]]
      if (a === null && b === null) return otherwise
      state.rule = text
      return codec.read([a, b], state) ?? otherwise
    }
  }
  if (cells.length === 3) {
    return (rows, state) => {
      const from = cellsOf(table, rows, state)
      const [a, b, c] = [from[first], from[second], from[third]]
      if (a === null && b === null && c === null) return otherwise
      state.rule = text
      return codec.read([a, b, c], state) ?? otherwise
    }
  }
  if (cells.length === 4) {
    return (rows, state) => {
      const from = cellsOf(table, rows, state)
      const [a, b, c, d] = [from[first], from[second], from[third], from[fourth]]
      if (a === null && b === null && c === null && d === null) return otherwise
      state.rule = text
      return codec.read([a, b, c, d], state) ?? otherwise
    }
  }
  return manyReader(codec, cells, plan, otherwise)
}

function oneReader(codec: Codec, cell: number, { table, text }: LeafPlan, otherwise: unknown): Read {
  return (rows, state) => {
    const stored = cellsOf(table, rows, state)[cell]
    if (stored === null) return otherwise
    state.rule = text
    return codec.read(stored, state) ?? otherwise
  }
}

function manyReader(codec: Codec, cells: readonly number[], { table, text }: LeafPlan, otherwise: unknown): Read {
  return (rows, state) => {
    const from = cellsOf(table, rows, state)
    const stored: unknown[] = []
    let isFilled = false
    for (const cell of cells) {
      const value = from[cell]
      if (value !== null) isFilled = true
      stored.push(value)
    }
    if (!isFilled) return otherwise
    state.rule = text
    return codec.read(stored, state) ?? otherwise
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

function guarded(read: Read, { holds }: Guard, table: CellTable): Read {
  return (rows, state) => (holds(cellsOf(table, rows, state)) ? read(rows, state) : undefined)
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
