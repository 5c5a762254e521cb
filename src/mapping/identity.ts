/** Keys, ids and source identifiers of mapped resources (entities G1–G3, G14): computed from the row, never looked up. */
import { hash } from 'node:crypto'
import type { Accessor } from './field.ts'
import type { Row, Rows } from './lens.ts'

export const MAX_ID = 64
const ID = /^[A-Za-z0-9.-]+$/

/** `<prefix><mark><key>[.<slot>]`, with a hash for the key where that is no FHIR id. */
export function resourceId(prefix: string, key: string, slot: string): string {
  const end = slot === '' ? '' : `.${slot}`
  return prefix + keyInId(key, MAX_ID - prefix.length - end.length) + end
}

/** The key as it stands in an id with room for so many characters. */
export function keyInId(key: string, room: number): string {
  return key.length <= room && ID.test(key) ? key : hash('sha256', key).slice(0, 32)
}

/** Names of medicines and of what is measured: a clinic has a few hundred of them, and hashing costs most of a slot. */
const slots = new Map<string, string>()
const MOST_SLOTS = 4_000
const LONGEST_NAME = 100

/** First 8 hex digits of the SHA-256 of the trimmed text: the slot of an array element that is known by its text. */
export function sha8(text: string): string {
  const known = slots.get(text)
  if (known !== undefined) return known
  const slot = hash('sha256', text.trim()).slice(0, 8)
  if (text.length > LONGEST_NAME) return slot
  if (slots.size >= MOST_SLOTS) slots.clear()
  slots.set(text, slot)
  return slot
}

/** A key part as text: stored text as it is, numbers in decimal digits, a BSON date in ISO form (G14). */
export function keyText(value: unknown): string {
  if (typeof value === 'string') return value
  return value instanceof Date ? value.toISOString() : String(value)
}

/** Reads the primary key of a row, composite keys joined with `:`; undefined when a part is missing. */
export function primaryKeyReader(columns: readonly string[]): (row: Row) => string | undefined {
  const [only = ''] = columns
  if (columns.length === 1) {
    return (row) => {
      const value = row[only]
      if (typeof value === 'string') return value === '' ? undefined : value
      return value === undefined || value === null ? undefined : keyText(value)
    }
  }
  return (row) => {
    const parts = columns.map((column) => row[column])
    if (parts.some((part) => part === undefined || part === null || part === '')) return undefined
    return parts.map(keyText).join(':')
  }
}

export interface KeyChoice {
  readonly mark: string
  readonly reads: readonly Accessor[]
}

/** The first choice whose columns are all filled: its mark and key. */
export function chooseKey(choices: readonly KeyChoice[], rows: Rows): { mark: string; key: string } | undefined {
  for (const { mark, reads } of choices) {
    const key = keyOf(reads, rows)
    if (key !== undefined) return { mark, key }
  }
  return undefined
}

function keyOf(reads: readonly Accessor[], rows: Rows): string | undefined {
  let key: string | undefined
  for (const read of reads) {
    const part = read(rows)
    if (part === null) return undefined
    key = key === undefined ? keyText(part) : `${key}:${keyText(part)}`
  }
  return key
}

/** Reads the columns of a composite foreign key as one key; of a `many` alias, a list of keys, null where a part is. */
export function compositeKey(reads: readonly Accessor[]): Accessor {
  const joined = (parts: readonly unknown[]): string | null =>
    parts.every((part) => part !== null) ? parts.map(keyText).join(':') : null
  return (rows) => {
    const [first, ...others] = reads.map((read) => read(rows))
    if (!Array.isArray(first)) return joined([first, ...others])
    return first.map((part: unknown, row) => joined([part, ...others.map((list) => (list as unknown[])[row])]))
  }
}

/** `{IB/sid/<system>/<collection>}` */
export function sourceIdentifierSystem(base: string, system: string, collection: string): string {
  return `${base}/sid/${system}/${collection}`
}
