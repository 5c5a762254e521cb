/**
 * `narrative`: a column of plain text ↔ Narrative (entities G11: escaped XHTML, source text is never put in raw).
 *
 * Lines are told apart by `<br/>`. On write paragraphs and line breaks become lines; any other markup is refused, for a
 * column of text would lose it. The status is not stored: what a person wrote says more than the structure does.
 */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { readText, storeText } from './text.ts'

interface Narrative {
  readonly status: 'additional'
  readonly div: string
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00A0' }

/** Characters that XML 1.0 knows no way to hold (https://www.w3.org/TR/xml/#charsets). */
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu

const DIV = /^\s*<div(?:\s+xmlns="http:\/\/www\.w3\.org\/1999\/xhtml")?\s*>([\s\S]*)<\/div>\s*$/

function read(stored: unknown): Narrative | undefined {
  const text = readText(stored)
  if (text === undefined) return undefined
  const escaped = text.replace(NOT_XML, '\uFFFD').replace(/[&<>]/g, (sign) => ESCAPES[sign] ?? sign)
  const lines = escaped.split(/\r\n|\r|\n/).join('<br/>')
  return { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml">${lines}</div>` }
}

function textOf(div: string): string {
  const [, inside] = DIV.exec(div) ?? []
  const lines = inside
    ?.replace(/\s*[\r\n]\s*/g, ' ')
    .replace(/ ?<br\s*\/>(?:<\/br>)? ?/g, '\n')
    .replace(/\s*<\/p>\s*<p>\s*/g, '\n\n')
    .replace(/<\/?p>/g, '\n')
  if (lines === undefined || lines.includes('<')) {
    throw new NotStorableError('The source holds plain text: send one div of text, paragraphs and line breaks.')
  }
  return lines.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => characterOf(name) ?? whole)
}

function characterOf(name: string): string | undefined {
  if (!name.startsWith('#')) return ENTITIES[name]
  const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1))
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

function write(fhir: unknown, before: unknown): unknown {
  const { div } = (fhir ?? {}) as Partial<Narrative>
  if (div === undefined) return null
  if (read(before)?.div === div) return before
  const text = textOf(div)
  return storeText(typeof before === 'string' && before.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text, before)
}

export const narrative: CodecDefinition = {
  name: 'narrative',
  types: ['Narrative'],
  fields: 1,
  make: () => ({ read, write }),
}
