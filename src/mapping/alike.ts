/** Do two FHIR values say the same, though they may be written otherwise: an instant in another zone, `1.0` for 1? */
import { isObject } from './beside.ts'
import { isRawJSON } from './exact.ts'

export function alike(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, i) => alike(item, other[i]))
  }
  const [a, b] = [numberIn(one), numberIn(other)]
  if (a !== undefined || b !== undefined) return a === b
  if (isObject(one))
    return isObject(other) && Object.keys(other).length === Object.keys(one).length && contains(one, other)
  return typeof one === 'string' && typeof other === 'string' && sameText(one, other)
}

/** Everything the other says, the one says too. */
export function contains(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other)) return alike(one, other)
  return Object.keys(other).every((name) => {
    const [mine, theirs] = [one[name], other[name]]
    if (!Array.isArray(theirs) || !Array.isArray(mine)) return contains(mine, theirs)
    return theirs.every((item) => mine.some((each) => contains(each, item)))
  })
}

/** What a client may say in its own words of a value that is the same. */
const WORDS = new Set(['display', 'text', 'unit'])

/**
 * Does a client mean the constant? It may say less of it (a code without its display, one of two codings), add items of
 * its own, or name it in its own words where a code says what it is.
 */
export function means(constant: unknown, sent: unknown): boolean {
  if (Array.isArray(constant) && Array.isArray(sent)) {
    const known = sent.filter((item) => constant.some((own) => means(own, item)))
    return known.length === sent.length || constant.every((own) => sent.some((item) => means(own, item)))
  }
  if (!isObject(constant) || !isObject(sent)) return alike(constant, sent)
  const shared = Object.keys(sent).filter((name) => name in constant)
  const telling = shared.filter((name) => !WORDS.has(name))
  const names = telling.length > 0 ? telling : shared
  return names.length > 0 && names.every((name) => means(constant[name], sent[name]))
}

function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return isRawJSON(value) ? Number(value.rawJSON) : undefined
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/

function sameText(one: string, other: string): boolean {
  if (one.trim().toLowerCase() === other.trim().toLowerCase()) return true
  if (DATE_TIME.test(one) && DATE_TIME.test(other)) return Date.parse(one) === Date.parse(other)
  // a reference with the base before it; a canonical that leaves the version to the source
  return /^https?:/.test(one) && (one.endsWith(`/${other}`) || other.startsWith(`${one}|`))
}
