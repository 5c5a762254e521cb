/**
 * The cells of a build: every column that the rules of a mapping read, each read once and a JSON column parsed once.
 *
 * Rules read the same columns again and again (a status, a key and what stands only beside it). Finding a column by two
 * names costs more than most codecs do, so rules know their cells by number.
 */
import type { BuildState } from './build-state.ts'
import { compileAccessor, filled, fromJson } from './field.ts'
import type { Accessor, Field } from './field.ts'
import type { Row, Rows } from './lens.ts'

export type Cells = readonly unknown[]

/** Every cell of a mapping, in the order of their numbers; rules add theirs while they are compiled. */
export interface CellTable {
  readonly cells: Cell[]
  /** made when first needed, of the whole table */
  readAll?: ReadCells
}

type ReadCells = (rows: Rows) => Cells

interface Cell {
  readonly text: string
  readonly read: Accessor
  /** of a cell that is a column of one row, or a member of one */
  readonly field?: Field
}

/** The number of a field's cell. */
export function cellOf(table: CellTable, field: Field, many: boolean): number {
  return madeCell(table, field.text, () => ({
    text: field.text,
    read: compileAccessor(field, many),
    ...(!many && field.column !== '' && { field }),
  }))
}

/** The number of a cell that is worked out from several columns. */
export function workedOutCell(table: CellTable, text: string, read: Accessor): number {
  return madeCell(table, text, () => ({ text, read }))
}

function madeCell(table: CellTable, text: string, make: () => Cell): number {
  const found = table.cells.findIndex((cell) => cell.text === text)
  return found >= 0 ? found : table.cells.push(make()) - 1
}

/** Fills cells from rows. */
type Fill = (rows: Rows, cells: unknown[]) => void

/** Reads some cells of the table; the others stay null. */
export function cellsReader({ cells: all }: CellTable, numbers: Iterable<number>): ReadCells {
  const used = [...numbers].map((number) => ({ ...(all[number] as Cell), number }))
  const places = placesOf(used.filter(isColumn))
  const fills = fillsOf(used.filter((cell) => !isColumn(cell)))
  const empty = all.map(() => null)
  return (rows) => {
    const cells: unknown[] = empty.slice()
    for (let i = 0; i < places.length; i++) fillColumns(places[i] as Place, rows, cells)
    for (let i = 0; i < fills.length; i++) (fills[i] as Fill)(rows, cells)
    return cells
  }
}

/** The cells of these rows: the builder has read them, and a write that has changed a row reads them anew. */
export function cellsOf(table: CellTable, rows: Rows, state: BuildState): Cells {
  if (state.rows === rows) return state.cells
  table.readAll ??= cellsReader(table, table.cells.keys())
  state.cells = table.readAll(rows)
  state.rows = rows
  return state.cells
}

type Numbered = Cell & { readonly number: number }

/** The columns of one row, and the cells they go to. */
interface Place {
  readonly alias: string
  readonly columns: readonly string[]
  readonly numbers: readonly number[]
}

function isColumn({ field }: Cell): boolean {
  return field?.members.length === 0
}

function placesOf(cells: readonly Numbered[]): Place[] {
  return [...Map.groupBy(cells, ({ field }) => field?.alias ?? '')].map(([alias, list]) => ({
    alias,
    columns: list.map(({ field }) => field?.column ?? ''),
    numbers: list.map(({ number }) => number),
  }))
}

/** `filled`, written out for texts: most columns are one, or are not there. */
function fillColumns({ alias, columns, numbers }: Place, rows: Rows, cells: unknown[]): void {
  const row = rows[alias] as Row | undefined
  if (row === undefined) return
  for (let i = 0; i < columns.length; i++) {
    const value = row[columns[i] as string]
    if (typeof value === 'string' ? value.length > 0 : value !== undefined) cells[numbers[i] as number] = value
  }
}

function fillsOf(cells: readonly Numbered[]): Fill[] {
  const places = Map.groupBy(cells, ({ field }) => (field ? `${field.alias}.${field.column}` : ''))
  return [...places].flatMap(([place, list]) => (place === '' ? list.map(workedOutFill) : [jsonFill(list)]))
}

function workedOutFill({ number, read }: Numbered): Fill {
  return (rows, cells) => {
    cells[number] = read(rows)
  }
}

function jsonFill(list: readonly Numbered[]): Fill {
  const { alias, column } = list[0]?.field as Field
  return (rows, cells) => {
    const row = rows[alias] as Row | undefined
    const json = row === undefined ? null : fromJson(row[column])
    if (typeof json !== 'object' || json === null) return
    for (const { field, number } of list) cells[number] = filled(memberOf(json as Row, field as Field))
  }
}

function memberOf(json: Row, { members }: Field): unknown {
  return members.reduce<unknown>(
    (value, member) => (typeof value === 'object' && value !== null ? (value as Row)[member] : null),
    json,
  )
}
