/** Columns of JSON, which hold an array or object, or the JSON text of one (entities §3.4). */
import type { CodecContext } from '../codec.ts'
import { NotStorableError } from '../errors.ts'

/** The array or object; bad JSON is nothing with a warning, and its text is kept on write. */
export function readJson(stored: unknown, context: CodecContext): object | undefined {
  if (typeof stored !== 'string') return asObject(stored)
  const parsed = parse(stored)
  if (parsed === undefined) context.warn('the text is not JSON of an array or object')
  return parsed ?? undefined
}

/** undefined: bad JSON; null: empty */
function parse(text: string): object | null | undefined {
  if (text.trim() === '') return null
  try {
    const value: unknown = JSON.parse(text)
    return value === null ? null : asObject(value)
  } catch {
    return undefined
  }
}

function asObject(value: unknown): object | undefined {
  return typeof value === 'object' && value !== null ? value : undefined
}

/** JSON text stays JSON text. Text that is not JSON is the source's own and is never overwritten. */
export function storeJson(value: object | undefined, before: unknown): unknown {
  const text = typeof before === 'string'
  const broken = text && parse(before) === undefined
  if (value === undefined) return broken ? before : null
  if (broken) throw new NotStorableError('The column holds text that is not JSON; mend it in the source first.')
  return text ? JSON.stringify(value) : value
}
