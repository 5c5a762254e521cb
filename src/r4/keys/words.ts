/**
 * The words of a resource for `_text` (its narrative) and `_content` (all of it: narrative, strings and markdown, of what it
 * contains and of extensions too), folded like strings, each once: `_text~fever`, and `_content~fever` of what the
 * narrative does not say.
 */
import type { JsonObject } from '../element-paths.ts'
import { type ElementDefinition, elementsOf } from '../elements.ts'
import { foldWhole } from './fold.ts'
import type { SearchKeys } from './shape.ts'
import { foldedKey } from './text.ts'

/** Different words of one resource; what more it says is not found. */
const MOST = 1000
const LONGEST = 64

export function addWords(resource: JsonObject, keys: SearchKeys): void {
  const div: unknown = (resource['text'] as JsonObject | undefined)?.['div']
  const narrative = new Set(typeof div === 'string' ? wordsOf(withoutMarkUp(div)).slice(0, MOST) : [])
  for (const word of narrative) keys.k.push(foldedKey('_text', word))
  const texts: string[] = []
  collect(resource, String(resource['resourceType']), texts)
  const others = new Set(wordsOf(texts.join('\n'))).difference(narrative)
  for (const word of [...others].slice(0, MOST - narrative.size)) keys.k.push(foldedKey('_content', word))
}

/** As a search asks for them, too. */
export function wordsOf(text: string): string[] {
  const folded = foldWhole(text)
  return folded === '' ? [] : folded.split(' ').map((word) => word.slice(0, LONGEST).toWellFormed())
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

function withoutMarkUp(xhtml: string): string {
  return xhtml
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (_all, decimal?: string, hex?: string, name?: string) => {
      if (decimal === undefined && hex === undefined) return entities[name ?? ''] ?? ' '
      const point = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal)
      return point <= 0x10ffff ? String.fromCodePoint(point).toWellFormed() : ' '
    })
}

function collect(object: JsonObject, type: string, texts: string[]): void {
  const types = textTypesOf(type)
  for (const name of Object.keys(object)) {
    // Beside a primitive there are extensions, in which translations stand
    const within = types.get(name) ?? (name.startsWith('_') ? 'Element' : undefined)
    if (within !== undefined) collectValue(object[name], within, texts)
  }
}

function collectValue(value: unknown, type: string, texts: string[]): void {
  if (typeof value === 'string') texts.push(value)
  else if (Array.isArray(value)) for (const item of value) collectValue(item, type, texts)
  else if (typeof value === 'object' && value !== null) {
    const object = value as JsonObject
    collect(object, type === 'Resource' ? String(object['resourceType']) : type, texts)
  }
}

const textTypes = new Map<string, ReadonlyMap<string, string>>()

/** The elements of a type that are text or may have some in them, with their types. */
function textTypesOf(type: string): ReadonlyMap<string, string> {
  const known = textTypes.get(type)
  if (known !== undefined) return known
  const elements = [...(elementsOf(type)?.values() ?? [])].filter((element) => reachesText(element))
  // An address among resources is no text, though R4 has it as a string
  const texts = elements.filter(({ name }) => !(type === 'Reference' && name === 'reference'))
  const types = new Map(texts.map((element) => [element.name, element.type]))
  if (elements.length > 0) textTypes.set(type, types)
  return types
}

/** The narrative has its own words; all other primitives are for programs. */
function reachesText({ type }: ElementDefinition): boolean {
  return type === 'string' || type === 'markdown' || (/^[A-Z]/.test(type) && type !== 'Narrative')
}
