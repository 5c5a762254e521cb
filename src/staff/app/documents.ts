/** `medical_documents`: a JSON column of objects `{url, key, name}`, text or array as it is there. */
import { fromJson } from '../../mapping/field.ts'
import type { Row } from '../../mapping/lens.ts'
import type { Body } from './fields.ts'
import { isSent, listField, optionalText, textField } from './fields.ts'
import { badField, ToldError } from './words.ts'

export const MOST_DOCUMENTS = 50
const LONGEST = { url: 2048, key: 1024, name: 255 } as const
/** Of one with all that is in it. */
const MOST_CHARACTERS = 8_000

type Document = Readonly<Record<string, unknown>>

/** Of a case that is saved: objects, whatever is in them. */
export function savedDocuments(body: Body): Document[] | undefined {
  if (!isSent(body, 'medical_documents')) return undefined
  return documentsIn(body, 'medical_documents', (document, path) => {
    for (const [name, most] of Object.entries(LONGEST)) optionalText(withPath(document, path), `${path}.${name}`, most)
  })
}

/** What is appended has all three. */
export function appendedDocuments(body: Body): Document[] {
  const documents = documentsIn(body, 'med_docs', (document, path) => {
    for (const [name, most] of Object.entries(LONGEST)) textField(withPath(document, path), `${path}.${name}`, most)
  })
  if (documents.length > 0) return documents
  throw badField('med_docs', ['must name one document at least', 'يجب أن يتضمن مستندًا واحدًا على الأقل'])
}

function documentsIn(body: Body, name: string, check: (document: Document, path: string) => void): Document[] {
  const list = listField(body, name)
  if (list.length > MOST_DOCUMENTS) throw tooMany(name)
  return list.map((each, index) => {
    const path = `${name}[${index}]`
    if (!isObject(each)) throw badField(path, ['must be an object', 'يجب أن يكون كائنًا'])
    if (JSON.stringify(each).length > MOST_CHARACTERS) {
      throw badField(path, [
        `may have at most ${MOST_CHARACTERS} characters as JSON`,
        `لا يجوز أن يزيد على ${MOST_CHARACTERS} حرف بصيغة JSON`,
      ])
    }
    check(each, path)
    return each
  })
}

/** Members by the name by which they are refused: `med_docs[0].url`. */
function withPath(document: Document, path: string): Body {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [`${path}.${name}`, value]))
}

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('rawJSON' in value)
}

/** In the form that the column has: text, where there is none yet. */
export function storedDocuments(documents: readonly Document[], before: unknown): unknown {
  const text = JSON.stringify(documents)
  return Array.isArray(before) ? (JSON.parse(text) as unknown) : text
}

/** What is there stays as it is written. */
export function withDocuments(row: Row, more: readonly Document[]): unknown {
  const column = row['medical_documents'] ?? ''
  const there = column === '' ? [] : fromJson(column)
  if (!Array.isArray(there)) throw unreadable()
  if (there.length + more.length > MOST_DOCUMENTS) throw tooMany('med_docs')
  if (typeof column !== 'string') return [...(there as unknown[]), ...(storedDocuments(more, []) as unknown[])]
  if (there.length === 0) return JSON.stringify(more)
  return `${column.trim().slice(0, -1)},${JSON.stringify(more).slice(1)}`
}

function tooMany(name: string): ToldError {
  return badField(name, [
    `would make more than the ${MOST_DOCUMENTS} documents that a case may have`,
    `يتجاوز الحد الأقصى للحالة، وهو ${MOST_DOCUMENTS} مستندًا`,
  ])
}

function unreadable(): ToldError {
  return new ToldError('GW_CONFLICT', [
    'The documents of this case cannot be read as they are stored; ask the support to mend them.',
    'تعذّرت قراءة مستندات هذه الحالة كما هي محفوظة؛ اطلب من الدعم إصلاحها.',
  ])
}
