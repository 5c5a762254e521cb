/**
 * Rows by alias for every mapping of every row of a batch: joins are fetched level by level, one query a collection and
 * column, whatever the number of rows. Every lookup is recorded as something its row leans on, found or not.
 *
 * A joined row of another tenant counts as not there: nothing of one tenant may be inferred from another.
 */
import type { Join, Lens, Row, Rows } from '../mapping/lens.ts'
import { elementsIn } from '../mapping/field.ts'
import { collectionKey } from '../store/row-id.ts'
import { readAllRows, readRowsAmong } from '../store/row-reads.ts'
import { formsOf, inOrder, keysOf } from '../store/source-rows.ts'
import { lookup, wholeCollection } from './answers.ts'
import type { BatchRow, Scope } from './batch.ts'
import type { CollectionPlan, Source } from './plan.ts'
import { isLookup } from './plan.ts'

/** A row under one of its mappings, with the rows joined so far. */
export interface Joined {
  readonly batchRow: BatchRow
  readonly lens: Lens
  readonly rows: Record<string, Rows[string]>
}

export async function joinRows(scope: Scope, batch: readonly BatchRow[]): Promise<Joined[]> {
  const joined = batch.flatMap((batchRow): Joined[] => {
    const { row, plan } = batchRow
    return row && plan ? plan.lenses.map((lens) => ({ batchRow, lens, rows: { [lens.alias]: row } })) : []
  })
  const fetched = new Fetched(scope)
  for (let level = 0; ; level++) {
    const wanted = joined.flatMap((each) => (levelsOf(each.lens)[level] ?? []).map((join) => ({ each, join })))
    if (wanted.length === 0) return joined
    for (const { each, join } of wanted) fetched.want(each, join)
    await fetched.fetch()
    for (const { each, join } of wanted) each.rows[join.alias] = fetched.take(each, join)
  }
}

const levels = new WeakMap<Lens, Join[][]>()

/** Joins by how many others stand between them and the owner's row. */
function levelsOf(lens: Lens): Join[][] {
  const known = levels.get(lens)
  if (known) return known
  const depth = new Map([[lens.alias, -1]])
  const result: Join[][] = []
  for (const join of lens.joins) {
    const level = join.from ? (depth.get(join.from.alias) ?? -1) + 1 : 0
    depth.set(join.alias, level)
    ;(result[level] ??= []).push(join)
  }
  levels.set(lens, result)
  return result
}

interface Lookups {
  readonly plan: CollectionPlan
  readonly column: string
  readonly keys: Map<string, Row[]>
  /** keys not asked for yet */
  readonly wanted: Set<string>
}

/** The rows fetched for a batch, by collection and column, then by key. */
class Fetched {
  readonly #scope: Scope
  readonly #byColumn = new Map<string, Lookups>()
  readonly #whole = new Map<string, { plan: CollectionPlan; rows: Row[] | undefined }>()

  constructor(scope: Scope) {
    this.#scope = scope
  }

  want({ batchRow, rows }: Joined, join: Join): void {
    const plan = this.#planOf(batchRow, join)
    const key = collectionKey(plan.instance, plan.collection)
    if (!isLookup(join.kind)) {
      batchRow.deps.add(wholeCollection(plan))
      if (!this.#whole.has(key)) this.#whole.set(key, { plan, rows: undefined })
      return
    }
    const column = join.column as string
    const lookups = this.#byColumn.get(`${key}/${column}`) ?? { plan, column, keys: new Map(), wanted: new Set() }
    this.#byColumn.set(`${key}/${column}`, lookups)
    for (const value of keysFrom(join, rows)) {
      batchRow.deps.add(lookup(plan, column, value))
      if (!lookups.keys.has(value)) lookups.wanted.add(value)
    }
  }

  async fetch(): Promise<void> {
    const { store, session } = this.#scope
    for (const whole of this.#whole.values()) whole.rows ??= inOrder(await readAllRows(store, whole.plan, session))
    for (const { plan, column, keys, wanted } of this.#byColumn.values()) {
      if (wanted.size === 0) continue
      for (const key of wanted) keys.set(key, [])
      for (const row of await readRowsAmong(store, plan, column, [...wanted].flatMap(formsOf), session)) {
        for (const key of new Set(keysOf(row[column]))) if (wanted.has(key)) keys.get(key)?.push(row)
      }
      wanted.clear()
    }
  }

  take({ batchRow, rows }: Joined, join: Join): Rows[string] {
    const plan = this.#planOf(batchRow, join)
    const { system } = plan.source
    const found = this.#found(plan, join, rows).filter((row) => sameTenant(system, batchRow, plan, row))
    return join.kind === 'one' ? found[0] : found
  }

  #found(plan: CollectionPlan, join: Join, rows: Rows): Row[] {
    const key = collectionKey(plan.instance, plan.collection)
    if (isLookup(join.kind)) {
      const lookups = this.#byColumn.get(`${key}/${join.column as string}`)
      const found = keysFrom(join, rows).map((value) => lookups?.keys.get(value) ?? [])
      return inOrder(found.length === 1 ? (found[0] as Row[]) : [...new Set(found.flat())])
    }
    const all = this.#whole.get(key)?.rows ?? []
    if (join.kind === 'all') return all
    const members = new Set(membersFrom(join, rows))
    return all.filter((row) => membersOf(row[join.column as string]).some((member) => members.has(member)))
  }

  #planOf({ plan }: BatchRow, { collection }: Join): CollectionPlan {
    const instance = (plan as CollectionPlan).instance
    return this.#scope.plan.collections.get(collectionKey(instance, collection)) as CollectionPlan
  }
}

function valuesFrom({ from }: Join, rows: Rows): unknown[] {
  if (!from) return []
  const side = rows[from.alias]
  if (side === undefined) return []
  return (Array.isArray(side) ? (side as readonly Row[]) : [side as Row]).map((row) => row[from.column])
}

function keysFrom(join: Join, rows: Rows): string[] {
  return [...new Set(valuesFrom(join, rows).flatMap(keysOf))]
}

function membersFrom(join: Join, rows: Rows): string[] {
  return valuesFrom(join, rows).flatMap(membersOf)
}

/** The elements of an array (or the JSON text of one), or the value itself. */
function membersOf(value: unknown): string[] {
  const elements = elementsIn(value)
  return keysOf(elements.length > 0 ? elements : value)
}

function sameTenant({ tenant }: Source['system'], batchRow: BatchRow, plan: CollectionPlan, row: Row): boolean {
  if (!tenant) return true
  const column = plan.collection === tenant.collection ? tenant.key : tenant.column
  const [key] = keysOf(row[column])
  return key === undefined || key === batchRow.tenant?.key
}
