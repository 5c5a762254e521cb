/**
 * Sealed values within the JSON text of a resource: a string in place of a string, with a tab before it. JSON.stringify
 * writes no tab, neither in a string nor outside, so one byte that is looked for tells whether anything is sealed, and no
 * client can send what is taken for a sealed value.
 */
import type { Seals } from './seals.ts'
import { kidOf } from './seals.ts'
import type { TextString } from './text-strings.ts'
import { stringsIn } from './text-strings.ts'

const MARK = '\t'
const MARK_BYTE = 9

/** Elements of a type that some value of may be sealed: `identifier.value`. */
export type SealedFields = ReadonlyMap<string, ReadonlySet<string>>

/** The text with what stands at these places (`identifier[1].value`) sealed. */
export function sealText(seals: Seals, record: string, text: string, places: ReadonlySet<string>): string {
  return replaced(text, (found) =>
    places.has(found.path) ? `${MARK}"${seals.seal({ record, path: found.path }, found.value())}"` : undefined,
  )
}

export function openText(seals: Seals, record: string, text: string): string {
  if (!text.includes(MARK)) return text
  return replaced(text, ({ isMarked, path, raw }) =>
    isMarked ? JSON.stringify(seals.open({ record, path }, raw)) : undefined,
  ).replaceAll(MARK, '')
}

/** The same of a text in UTF-8: one without a sealed value is looked through for one byte, and stays what it is. */
export function openBytes(seals: Seals, record: string, bytes: Buffer): Buffer {
  return bytes.includes(MARK_BYTE) ? Buffer.from(openText(seals, record, bytes.toString('utf8'))) : bytes
}

/** The text with blind indexes in place of the values: what search keys are made of. */
export function blindText(seals: Seals, record: string, text: string, places: ReadonlySet<string>): string {
  return replaced(text, (found) =>
    places.has(found.path) ? `"${blindValues(seals, fieldOf(record, found.path), found.value())[0] ?? ''}"` : undefined,
  )
}

/** The same of a text that is sealed. */
export function blindSealed(seals: Seals, record: string, text: string): string {
  return text.includes(MARK) ? blindText(seals, record, openText(seals, record, text), placesIn(text)) : text
}

/** Where it is sealed. */
export function placesIn(text: string): Set<string> {
  return new Set(sealedIn(text).map(({ path }) => path))
}

/** What is sealed in it, where and under which key. */
export function sealedIn(text: string): { readonly path: string; readonly kid: string }[] {
  if (!text.includes(MARK)) return []
  return [...stringsIn(text)].flatMap(({ isMarked, path, raw }) =>
    isMarked ? [{ path, kid: kidOf(raw) ?? 'unknown' }] : [],
  )
}

/** `identifier[1].value` is of the element `identifier.value`. */
export function elementOf(path: string): string {
  return path.replace(/\[\d+\]/g, '')
}

/** An element of a type in one tenant: its values have a key of their own. */
export interface Field {
  readonly tenant: string
  readonly type: string
  /** without the numbers of items */
  readonly element: string
}

/** In the place of the value where it is searched by, under each key of the ring, the first first. */
export function blindValues(seals: Seals, { tenant, type, element }: Field, value: string): string[] {
  const name = `${type}.${element}`
  // Without a key none of this can be done, which is said by the first
  const kids = seals.kids.length > 0 ? seals.kids : [undefined]
  return kids.map((kid) => `~${kid ?? ''}.${seals.blind(tenant, name, value.trim(), kid)}`)
}

function fieldOf(record: string, path: string): Field {
  const [tenant = '', type = ''] = record.split('/')
  return { tenant, type, element: elementOf(path) }
}

function replaced(text: string, replacement: (found: TextString) => string | undefined): string {
  let result = ''
  let done = 0
  for (const found of stringsIn(text)) {
    const other = replacement(found)
    if (other === undefined) continue
    result += text.slice(done, found.start) + other
    done = found.end
  }
  return result + text.slice(done)
}
