/**
 * JSON that loses nothing and admits nothing ambiguous.
 *
 * A decimal's digits carry its precision (R4 datatypes.html#decimal), so a number that JavaScript would write otherwise
 * (`1.00`, `1e2`, 20 digits) is kept as `JSON.rawJSON`. Refused: a key twice in one object, nesting over 64, lone
 * surrogates, NUL, `__proto__`.
 */
import { GatewayError } from '../kernel/errors.ts'

/** What `JSON.rawJSON` makes; `JSON.stringify` writes `rawJSON` as it is. */
export interface RawNumber {
  readonly rawJSON: string
}

export type JsonValue = null | boolean | number | string | RawNumber | JsonValue[] | { [key: string]: JsonValue }

// ECMAScript 2026; TypeScript's library does not declare them yet
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON: (text: string) => RawNumber
  isRawJSON: (value: unknown) => value is RawNumber
}

const maximumDepth = 64
const longestKeyShown = 64
const typeName = /^[A-Za-z]{1,64}$/
const space = /[ \t\n\r]*/y
const plainString = /"[^"\\\u0000-\u001f]*"/y
const escapedString = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const word = /true|false|null/y

export class JsonError extends Error {
  override readonly name = 'JsonError'
  /** Where in the content, `Patient.name[0].given`: the type where it is known by then; empty at its beginning. */
  readonly path: string

  constructor(reason: string, { path, type }: Reader, offset: number) {
    super(`${reason} (at character ${offset + 1})`)
    this.path = pathText(type === undefined ? path : [type, ...path])
  }
}

export function parseJson(text: string): JsonValue {
  return parsePlain(text) ?? readJson(text)
}

/** Of a number whose digits `JSON.parse` may lose; an escape; a name that only `readJson` refuses. */
const care = /(?:^|"\s*:|[[,])\s*(?:-0|-?\d*[.eE]|-?\d{16})|\\|__proto__/
const name = /"\s*:/g

/** Characters. Longer text is refused while it is read: the engine builds millions of nested arrays before anybody can. */
const longestPlain = 100_000

/** What the engine's own parser, several times as fast, gives of it; undefined where that may lose or admit something. */
function parsePlain(text: string): JsonValue | undefined {
  if (text.length > longestPlain || care.test(text) || !text.isWellFormed()) return undefined
  try {
    const value = JSON.parse(text) as JsonValue
    // a name twice is one member
    return (text.match(name)?.length ?? 0) === membersOf(value, 0) ? value : undefined
  } catch {
    return undefined
  }
}

/** Of all objects in it; NaN where it is nested too deep. */
function membersOf(value: JsonValue, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (depth === maximumDepth) return NaN
  let members = 0
  if (Array.isArray(value)) for (const each of value) members += membersOf(each, depth + 1)
  else for (const key in value) members += 1 + membersOf((value as Members)[key] ?? null, depth + 1)
  return members
}

function readJson(text: string): JsonValue {
  const reader: Reader = { text, at: 0, path: [], type: undefined }
  const value = readValue(reader, 0)
  skipSpace(reader)
  if (reader.at < text.length) throw new JsonError('The JSON text ends here, but more follows', reader, reader.at)
  return value
}

/** `parseJson` of what a client sent: what is wrong is answered 400, with the element where reading ended. */
export function parseIncoming(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new GatewayError('GW_INVALID_JSON', `${error.message}.`, { ...(error.path && { expression: error.path }) })
  }
}

export function stringifyJson(value: unknown): string {
  return JSON.stringify(value)
}

export function isRawNumber(value: unknown): value is RawNumber {
  return isRawJSON(value)
}

/** A number kept with its digits, and any plain number, as a number; undefined for everything else. */
export function numberOf(value: unknown): number | undefined {
  const result = isRawJSON(value) ? Number(value.rawJSON) : value
  return typeof result === 'number' && Number.isFinite(result) ? result : undefined
}

/** A decimal from its digits, kept as they are. */
export function decimal(digits: string): number | RawNumber {
  const value = Number(digits)
  return String(value) === digits ? value : rawJSON(digits)
}

type Members = Readonly<Record<string, JsonValue>>

interface Reader {
  readonly text: string
  at: number
  readonly path: (string | number)[]
  /** the `resourceType` of it all, once that was read */
  type: string | undefined
}

/** `name[0].given`: property names and indexes as FHIRPath writes them. */
export function pathText(path: readonly (string | number)[]): string {
  return path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('')
}

function readValue(reader: Reader, depth: number): JsonValue {
  skipSpace(reader)
  const first = reader.text[reader.at]
  if (first === '{') return readObject(reader, deeper(reader, depth))
  if (first === '[') return readArray(reader, deeper(reader, depth))
  if (first === '"') return readString(reader)
  const digits = take(reader, number)
  if (digits !== undefined) return decimal(digits)
  const name = take(reader, word)
  if (name === undefined) throw new JsonError('A JSON value is missing or malformed', reader, reader.at)
  return name === 'null' ? null : name === 'true'
}

function deeper(reader: Reader, depth: number): number {
  if (depth === maximumDepth)
    throw new JsonError(`The JSON is nested more than ${maximumDepth} levels`, reader, reader.at)
  return depth + 1
}

function readObject(reader: Reader, depth: number): JsonValue {
  const object: { [key: string]: JsonValue } = {}
  reader.at++
  if (takes(reader, '}')) return object
  do {
    skipSpace(reader)
    const at = reader.at
    const key = readString(reader)
    const shown = key.slice(0, longestKeyShown)
    reader.path.push(shown)
    if (Object.hasOwn(object, key)) throw new JsonError(`The key "${shown}" is there twice in one object`, reader, at)
    if (key === '__proto__') throw new JsonError('The key "__proto__" is not allowed', reader, at)
    if (!takes(reader, ':')) throw new JsonError('A colon is missing after a key', reader, reader.at)
    const value = readValue(reader, depth)
    object[key] = value
    if (depth === 1 && key === 'resourceType' && typeof value === 'string' && typeName.test(value)) reader.type = value
    reader.path.pop()
  } while (takes(reader, ','))
  if (!takes(reader, '}')) throw new JsonError('A comma or } is missing', reader, reader.at)
  return object
}

function readArray(reader: Reader, depth: number): JsonValue {
  const array: JsonValue[] = []
  reader.at++
  if (takes(reader, ']')) return array
  do {
    reader.path.push(array.length)
    array.push(readValue(reader, depth))
    reader.path.pop()
  } while (takes(reader, ','))
  if (!takes(reader, ']')) throw new JsonError('A comma or ] is missing', reader, reader.at)
  return array
}

function readString(reader: Reader): string {
  const at = reader.at
  const plain = take(reader, plainString)
  const escaped = plain === undefined ? take(reader, escapedString) : undefined
  if (plain === undefined && escaped === undefined) throw new JsonError('A string is missing or malformed', reader, at)
  const value = plain === undefined ? (JSON.parse(escaped ?? '') as string) : plain.slice(1, -1)
  if (!value.isWellFormed()) throw new JsonError('A string holds half of a surrogate pair', reader, at)
  if (value.includes('\0')) throw new JsonError('A string holds the character NUL', reader, at)
  return value
}

function take(reader: Reader, token: RegExp): string | undefined {
  token.lastIndex = reader.at
  const match = token.exec(reader.text)
  if (match === null) return undefined
  reader.at = token.lastIndex
  return match[0]
}

function takes(reader: Reader, character: string): boolean {
  skipSpace(reader)
  if (reader.text[reader.at] !== character) return false
  reader.at++
  return true
}

function skipSpace(reader: Reader): void {
  take(reader, space)
}
