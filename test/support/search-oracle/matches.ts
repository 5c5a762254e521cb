/** Whether one value of a resource fits one value of a search, under a modifier (R4 search.html#table, #modifiers). */
import type { Parameter } from './definitions.ts'
import { fitsDate, fitsNumber, fitsQuantity } from './ordered.ts'
import { cut, folded, unescaped } from './text.ts'
import type { Json, Value } from './values.ts'

export type Fits = (value: Value, asked: string, modifier: string | undefined, parameter: Parameter) => boolean

/** Of composites there are parts (ask.ts). */
export const fits: Readonly<Partial<Record<Parameter['type'], Fits>>> = {
  string: (value, asked, modifier) => fitsString(value, unescaped(asked), modifier),
  token: fitsToken,
  reference: fitsReference,
  uri: (value, asked, modifier) => fitsUri(value, unescaped(asked), modifier),
  date: (value, asked) => fitsDate(value, asked, Date.now()),
  number: (value, asked) => fitsNumber(value, asked),
  quantity: (value, asked) => fitsQuantity(value, asked),
}

// ── string ───────────────────────────────────────────────────────────────────────────────────────

function fitsString(value: Value, asked: string, modifier: string | undefined): boolean {
  return textsOf(value).some(({ text, words }) => {
    if (modifier === 'exact') return text === asked
    const [whole, part] = [folded(text), folded(asked)]
    if (whole === '') return false
    if (modifier === 'contains') return whole.includes(part)
    // A text of several words is found by each of them: what a name or an address is compared by is the server's to say
    return whole.startsWith(part) || (words && whole.includes(` ${part}`))
  })
}

interface Text {
  readonly text: string
  readonly words: boolean
}

export function textsOf({ type, value }: Value): Text[] {
  if (value === null) return []
  if (typeof value === 'string') return [{ text: value, words: false }]
  const it = value as Json
  const whole = type === 'HumanName' ? ['text'] : ['text', 'line']
  const parts =
    type === 'HumanName'
      ? ['family', 'given', 'prefix', 'suffix']
      : ['city', 'district', 'state', 'postalCode', 'country']
  const of = (names: readonly string[], words: boolean): Text[] =>
    names.flatMap((name) => it[name] ?? []).flatMap((text) => (typeof text === 'string' ? [{ text, words }] : []))
  return [...of(whole, true), ...of(parts, false)]
}

// ── token ────────────────────────────────────────────────────────────────────────────────────────

export interface Token {
  readonly system?: unknown
  readonly code?: unknown
}

function fitsToken(value: Value, asked: string, modifier: string | undefined): boolean {
  if (modifier === 'text') return displaysOf(value).some((text) => folded(text).startsWith(folded(unescaped(asked))))
  const [first = '', second, third] = cut(asked, '|').map(unescaped)
  if (modifier === 'of-type') return fitsType(value, first, second, third)
  return tokensOf(value).some(({ system, code }) => {
    if (second === undefined) return code === first
    if (second === '') return system === first
    return code === second && (first === '' ? system === undefined : system === first)
  })
}

export function tokensOf({ type, value }: Value): Token[] {
  if (value === null) return []
  if (typeof value !== 'object') return [{ code: `${value as string | boolean}` }]
  const it = value as Json
  if (type === 'CodeableConcept') return (it['coding'] ?? []) as Token[]
  if (type === 'Coding') return [it]
  // The system of a contact says what it is (phone), and no namespace
  if (type === 'ContactPoint') return [{ code: it['value'] }]
  return type === 'Identifier' ? [{ system: it['system'], code: it['value'] }] : []
}

/** What people read of a code: CodeableConcept.text, Coding.display, Identifier.type.text. */
export function displaysOf({ type, value }: Value): string[] {
  if (value === null || typeof value !== 'object') return []
  const it = value as Json
  const codings = (it['coding'] ?? []) as Json[]
  const texts: Readonly<Record<string, unknown[]>> = {
    CodeableConcept: [it['text'], ...codings.map(({ display }) => display)],
    Coding: [it['display']],
    Identifier: [(it['type'] as Json | undefined)?.['text']],
  }
  return (texts[type] ?? []).filter((text) => typeof text === 'string' && folded(text) !== '') as string[]
}

function fitsType({ type, value }: Value, system?: string, code?: string, id?: string): boolean {
  if (type !== 'Identifier' || value === null) return false
  const it = value as Json
  const codings = ((it['type'] as Json | undefined)?.['coding'] ?? []) as Token[]
  return it['value'] === id && codings.some((each) => each.system === system && each.code === code)
}

// ── reference ────────────────────────────────────────────────────────────────────────────────────

function fitsReference(value: Value, asked: string, modifier: string | undefined, parameter: Parameter): boolean {
  const it = value.value as Json | string | null
  if (it === null) return false
  if (modifier === 'identifier') {
    const identifier = typeof it === 'object' ? it['identifier'] : undefined
    return identifier !== undefined && fitsToken({ type: 'Identifier', value: identifier }, asked, undefined)
  }
  const text = unescaped(asked)
  return typeof it === 'string'
    ? canonicals(it).includes(text)
    : isPointedAt(it, text, modifier, parameter.target ?? [])
}

/** `id`, with the type in the modifier or of any that the parameter points at, `Type/id` or an absolute address. */
function isPointedAt(it: Json, text: string, modifier: string | undefined, targets: readonly string[]): boolean {
  const reference = it['reference']
  if (typeof reference !== 'string' || reference.startsWith('#')) return false
  const current = /^(\w+\/[^/]+)\/_history\//.exec(reference)?.[1] ?? reference
  if (/[/:]/.test(text)) return current === text
  return (modifier === undefined ? targets : [modifier]).some((type) => current === `${type}/${text}`)
}

/** With its version and without. */
function canonicals(text: string): string[] {
  return [text, text.split('|')[0] as string]
}

// ── uri ──────────────────────────────────────────────────────────────────────────────────────────

function fitsUri({ type, value }: Value, asked: string, modifier: string | undefined): boolean {
  if (typeof value !== 'string') return false
  return (type === 'canonical' ? canonicals(value) : [value]).some((uri) => {
    if (modifier === 'below') return uri === asked || uri.startsWith(`${asked}/`)
    if (modifier === 'above') return uri === asked || asked.startsWith(`${uri}/`)
    return uri === asked
  })
}
