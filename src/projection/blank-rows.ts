/** Rows that are not there yet: how they start, how they are linked, and which of them a write makes. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Join, Lens, Part, Row, Rows } from '../mapping/lens.ts'
import { stamp } from '../mapping/stamp.ts'
import type { FreshColumn } from '../mapping/write-rules.ts'
import { newRowId } from '../store/source-writer.ts'
import { allocateNumber } from './allocate.ts'
import type { BatchRow } from './batch.ts'
import type { Source } from './plan.ts'
import type { RowWrite } from './row-writes.ts'
import type { WriteScope } from './write-scope.ts'

/** Rows as they start, by alias, and as they were when the lens had not written them. */
export interface Blanks {
  readonly rows: Record<string, Row>
  readonly _ids: ReadonlyMap<string, unknown>
  readonly collections: ReadonlyMap<string, string>
}

/** Parts of a resource that have no row: what the lens writes there makes one. */
export function blankParts(scope: WriteScope, source: Source, row: Pick<BatchRow, 'tenant'>, part: Part): Blanks {
  const { lens, rows } = part
  const missing = lens.joins.filter((join) => join.part && rows[join.alias] === undefined && join.kind === 'one')
  const blank: Record<string, Row> = {}
  for (const join of missing) {
    const linked = linkTo(join, { ...rows, ...blank })
    if (linked)
      blank[join.alias] = {
        ...startOf(scope, source, lens, join.alias),
        ...tenantOf(row, source, join.collection),
        ...linked,
      }
  }
  return blanksOf(blank, new Map(missing.map(({ alias, collection }) => [alias, collection])))
}

/** The owner's row and those of all parts, each linked to the other. */
export async function blankRows(
  scope: WriteScope,
  source: Source,
  row: Pick<BatchRow, 'tenant'>,
  lens: Lens,
): Promise<Blanks> {
  const collections = new Map([[lens.alias, lens.collection]])
  for (const { part, alias, collection } of lens.joins) if (part) collections.set(alias, collection)
  const rows: Record<string, Row> = {}
  for (const [alias, collection] of collections) {
    rows[alias] = { ...startOf(scope, source, lens, alias), ...tenantOf(row, source, collection) }
  }
  await number(scope, source, lens, rows, collections, (start) => start.kind === 'integer')
  for (const join of lens.joins) if (join.part) link(join, rows, lens)
  return blanksOf(rows, collections)
}

function blanksOf(rows: Record<string, Row>, collections: ReadonlyMap<string, string>): Blanks {
  return { rows, collections, _ids: new Map([...collections.keys()].map((alias) => [alias, newRowId()])) }
}

/** Which blanks become rows: those the lens wrote, and those the row of another cannot do without. */
export async function storedBlanks(
  scope: WriteScope,
  source: Source,
  lens: Lens,
  { rows: blank, _ids, collections }: Blanks,
  after: Rows,
): Promise<RowWrite[]> {
  const needed = new Set(neededAliases(lens))
  const stored = Object.keys(blank).filter((alias) => needed.has(alias) || after[alias] !== blank[alias])
  const rows = Object.fromEntries(stored.map((alias) => [alias, keepStart(blank[alias], after[alias] as Row)]))
  await number(scope, source, lens, rows, collections, () => true)
  return stored.map((alias) => ({
    alias,
    ref: { instance: source.database, collection: collections.get(alias) as string, _id: _ids.get(alias) },
    before: undefined,
    after: rows[alias] as Row,
  }))
}

/** What a resource says nothing of stays as the row starts: no `authored` does not undo the row's `created_at`. */
function keepStart(start: Row = {}, written: Row): Row {
  const lost = Object.entries(start).filter(([column]) => written[column] === null)
  return { ...written, ...Object.fromEntries(lost) }
}

/** The owner, parts it points at by a key they bring, and parts that start with values of their own. */
function neededAliases(lens: Lens): string[] {
  const pointed = lens.joins.filter((join) => join.part && bringsKey(lens, join)).map(({ alias }) => alias)
  const valued = lens.writes.fresh.flatMap(({ alias, start }) =>
    start.kind === 'value' || start.kind === 'allocate' ? [alias] : [],
  )
  return [lens.alias, ...pointed, ...valued]
}

/** The column that the join ends at is made with the new row: the row before it takes its value over. */
function bringsKey({ writes }: Lens, { alias, column }: Join): boolean {
  return writes.fresh.some((fresh) => fresh.alias === alias && fresh.column === column)
}

function link(join: Join, rows: Record<string, Row>, lens: Lens): void {
  const { alias, column = '', from } = join
  const owner = from && rows[from.alias]
  const joined = rows[alias]
  if (!from || !owner || !joined) return
  if (bringsKey(lens, join)) rows[from.alias] = { ...owner, [from.column]: joined[column] }
  else rows[alias] = { ...joined, [column]: owner[from.column] }
}

/** The column that ties a new part to the row it belongs to; undefined when that row has no key for it. */
function linkTo({ from, column = '' }: Join, rows: Rows): Row | undefined {
  const value = from && (rows[from.alias] as Row | undefined)?.[from.column]
  return value === undefined || value === null ? undefined : { [column]: value }
}

/** The columns that a new row starts with. */
export function startOf({ now }: WriteScope, source: Source, { writes }: Lens, alias: string): Row {
  const entries = writes.fresh.flatMap(({ alias: owner, column, start }): [string, unknown][] => {
    if (owner !== alias) return []
    if (start.kind === 'value') return [[column, start.value]]
    if (start.kind === 'uuid') return [[column, randomUUID()]]
    if (start.kind === 'now') return [[column, stamp(now, undefined, source.system, source.timeZone)]]
    // Nothing hashes to it: no scheme of hashed passwords begins so
    return start.kind === 'unusable-secret' ? [[column, `!${randomBytes(24).toString('base64url')}`]] : []
  })
  return Object.fromEntries(entries)
}

/** The column that says whose a new row is. */
export function tenantOf({ tenant }: Pick<BatchRow, 'tenant'>, { system }: Source, collection: string): Row {
  const tenancy = system.tenant
  if (!tenancy || collection === tenancy.collection || tenant?.key === undefined) return {}
  return system.tenanted.has(collection) ? { [tenancy.column]: tenant.key } : {}
}

/** Gives the numbers that rows start with, those of one template the same one. */
async function number(
  scope: WriteScope,
  source: Source,
  { writes }: Lens,
  rows: Record<string, Row>,
  collections: ReadonlyMap<string, string>,
  wanted: (start: FreshColumn['start']) => boolean,
): Promise<void> {
  const numbered = writes.fresh.filter(
    ({ alias, column, start }) =>
      rows[alias] !== undefined &&
      rows[alias][column] === undefined &&
      (start.kind === 'integer' || start.kind === 'allocate') &&
      wanted(start),
  )
  const groups = Map.groupBy(numbered, ({ alias, column, start }) =>
    start.kind === 'allocate' ? start.template : `${alias}.${column}`,
  )
  for (const columns of groups.values()) {
    const places = columns.map(({ alias, column }) => ({ collection: collections.get(alias) as string, column }))
    const [{ start }] = columns as [FreshColumn]
    const value = await allocateNumber(scope, source, places, start.kind === 'allocate' ? start.template : undefined)
    for (const { alias, column } of columns) rows[alias] = { ...rows[alias], [column]: value }
  }
}
