/**
 * `notes`: several columns of text ↔ a list of Annotation, one a filled column, in the order of the columns.
 *
 * Nothing in an Annotation says which column it came from. On write a text that is there stays in its column; the
 * others fill the columns that are left, in order.
 */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { refuseLoss } from './covers.ts'
import { readText, storeText } from './text.ts'

interface Annotation {
  readonly text?: string
}

function read(stored: unknown): Annotation[] | undefined {
  const texts = (stored as readonly unknown[]).map(readText).filter((text) => text !== undefined)
  return texts.length > 0 ? texts.map((text) => ({ text })) : undefined
}

function textOf(note: Annotation): string {
  refuseLoss({ text: note.text }, note, 'note')
  return note.text ?? ''
}

function write(fhir: unknown, before: unknown): unknown[] {
  const columns = before as readonly unknown[]
  const sent = ((fhir ?? []) as readonly Annotation[]).map(textOf)
  if (sent.length > columns.length) {
    throw new NotStorableError(`The source holds ${String(columns.length)} notes of this resource at most.`)
  }
  const kept = columns.map((column) => takeFrom(sent, readText(column)))
  return columns.map((column, index) => storeText(kept[index] ?? sent.shift() ?? '', column))
}

/** The text, taken out of the list it is in. */
function takeFrom(sent: string[], text: string | undefined): string | undefined {
  const at = text === undefined ? -1 : sent.findIndex((each) => each.trim() === text)
  return at < 0 ? undefined : sent.splice(at, 1)[0]
}

export const notes: CodecDefinition = {
  name: 'notes',
  types: ['Annotation'],
  fields: 'any',
  list: true,
  make: () => ({ read, write }),
}
