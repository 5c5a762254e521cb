/**
 * `form-url` + `start`: columns that together say which form it is (`[tenant, key]`) → its canonical URL.
 * `form-used` + `start`: `[form's key, keys, …the same columns, versions]`, all but the first of all forms (`on: all`) ↔
 * `url|version` of the form that the key names; on write, the key of the form of that URL: of that version, or the
 * newest where none is said.
 */
import type { CodecContext, CodecDefinition, CodecOptions } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { keyText } from '../identity.ts'
import { readText } from './text.ts'

interface Form {
  readonly key: unknown
  readonly url: string
  readonly version: string | undefined
}

function urlOf(start: string, names: readonly unknown[]): string | undefined {
  const texts = names.map(readText)
  if (texts.some((text) => text === undefined)) return undefined
  return start + texts.map((text) => encodeURIComponent(text as string)).join('-')
}

function formsIn(start: string, columns: readonly unknown[]): Form[] {
  const [keys = [], ...rest] = columns.slice(1).map((column) => (column ?? []) as readonly unknown[])
  const names = rest.slice(0, -1)
  return keys.flatMap((key, row) => {
    const url = urlOf(
      start,
      names.map((column) => column[row]),
    )
    return url === undefined || key === null ? [] : [{ key, url, version: readText(rest.at(-1)?.[row]) }]
  })
}

function canonicalOf({ url, version }: Form): string {
  return version === undefined ? url : `${url}|${version}`
}

function read(start: string, columns: readonly unknown[], context: CodecContext): string | undefined {
  const [key] = columns
  if (key === null) return undefined
  const form = formsIn(start, columns).find((each) => keyText(each.key) === keyText(key))
  if (!form) context.warn('the form that was answered is not there, or has no URL')
  return form && canonicalOf(form)
}

function write(start: string, fhir: unknown, before: readonly unknown[]): unknown[] {
  const [key, ...rest] = before
  if (fhir === undefined) return [null, ...rest]
  if (typeof fhir !== 'string') throw new NotStorableError('The value must be the URL of a form alone.')
  const [url = '', version] = fhir.split('|')
  const versions = formsIn(start, before).filter((form) => form.url === url)
  const fits = versions.filter((form) => version === undefined || form.version === version).sort(newestFirst)
  const form = fits.find((each) => key !== null && keyText(each.key) === keyText(key)) ?? fits[0]
  if (form) return [form.key, ...rest]
  throw new NotStorableError('The source has no form of this URL and version.', { allowed: versions.map(canonicalOf) })
}

function newestFirst(one: Form, other: Form): number {
  return (other.version ?? '').localeCompare(one.version ?? '', 'en', { numeric: true })
}

function startOf(name: string, { start }: CodecOptions): string {
  if (typeof start === 'string') return start
  throw new Error(`the codec "${name}" needs a "start"`)
}

const options = { start: { type: 'string', minLength: 1 } }

export const formUrl: CodecDefinition = {
  name: 'form-url',
  types: ['uri', 'canonical'],
  fields: 'any',
  options,
  make(given) {
    const start = startOf('form-url', given)
    return { read: (stored) => urlOf(start, stored as readonly unknown[]) }
  },
}

export const formUsed: CodecDefinition = {
  name: 'form-used',
  types: ['canonical'],
  fields: 'any',
  options,
  make(given) {
    const start = startOf('form-used', given)
    return {
      read: (stored, context) => read(start, stored as readonly unknown[], context),
      write: (fhir, before) => write(start, fhir, before as readonly unknown[]),
    }
  },
}
