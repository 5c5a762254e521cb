/** Prints where each element of a resource comes from, one line an element: for people, as wide as it needs to be. */
import { relative } from 'node:path'
import { valueText } from '../mapping/explain.ts'
import type { ColumnLineage, ElementLineage, ElementOrigin } from '../mapping/explain.ts'

const HEAD = ['ELEMENT', 'VALUE', 'FROM', 'THROUGH', 'RULE']
const WIDEST_VALUE = 40

/** The rows first, then a line for each element. */
export function lineageTable(lineage: readonly ElementLineage[]): string {
  const columns = lineage.flatMap(({ origin }) => ('columns' in origin ? origin.columns : []))
  const rows = [...new Set(columns.map(rowOf))].filter((row) => row.includes(' '))
  const collections = rows.map((row) => row.split(' ')[0])
  const nameOf = (column: ColumnLineage): string => {
    const { collection } = column
    const several = collections.indexOf(collection) !== collections.lastIndexOf(collection)
    return `${several ? rowOf(column) : collection}.${column.column}`
  }
  const cells = lineage.map(({ path, value, origin }) => [path, shown(value), ...originCells(origin, nameOf)])
  return [...rows.map((row) => `  row ${row}\n`), ...aligned([HEAD, ...cells])].join('')
}

function rowOf({ collection, keys }: ColumnLineage): string {
  return [collection, ...keys].join(' ')
}

function aligned(lines: readonly string[][]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  return lines.map((cells) => {
    const line = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
    return `${line.trimEnd()}\n`
  })
}

function shown(value: unknown): string {
  const text = valueText(value).replace(/\s+/g, ' ')
  return text.length > WIDEST_VALUE ? `${text.slice(0, WIDEST_VALUE - 1)}…` : text
}

function originCells(origin: ElementOrigin, nameOf: (column: ColumnLineage) => string): string[] {
  if (origin.kind === 'gateway') return ['the gateway']
  if (origin.kind === 'client') return ['a FHIR client, kept beside the row']
  const { kind, rule, columns, codes } = origin
  const names = columns.map(nameOf).join(', ')
  const from = kind === 'column' ? names : `the mapping${names && `, since nothing is in ${names}`}`
  const rows = codes.map(({ table, stored, code, file, line }) => `${table}: ${stored} → ${code} (${at(file, line)})`)
  return [from, [rule.codec, ...rows, rule.direction].join(', '), at(rule.file, rule.line)]
}

function at(file: string, line: number): string {
  return `${relative('', file)}:${line}`
}
