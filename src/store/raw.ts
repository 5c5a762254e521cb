/**
 * Resources as MongoDB sends them, with their text left in the bytes it came in: an answer is made of those bytes, and a text
 * that is never a string need neither be decoded nor encoded again.
 */
import type { Document } from 'mongodb'
import { BSONType, deserialize, onDemand } from 'bson'
import type { ResourceDocument } from './documents.ts'

/** A stored resource as it is sent: its text in UTF-8, and what the headers say. */
export interface Stored extends Pick<ResourceDocument, '_id' | 'v' | 'u' | 'deleted'> {
  readonly body: Buffer
  /** values in it are sealed where it is stored, and in clear here */
  readonly wasSealed?: true
}

/**
 * For `raw: true`: the driver says documents, and gives the bytes of each. Texts in lists that are not wanted are left out.
 */
export function storedIn(documents: readonly Document[], isWanted?: IsWanted): Document[] {
  return documents.map((bytes) => fieldsOf(bytes as Buffer, isWanted))
}

/** A text by where it stands in the bytes: most are told apart without being read. */
type IsWanted = (bytes: Buffer, start: number, length: number) => boolean

/** `length` in bytes */
export function withLength(lengths: ReadonlySet<number>): IsWanted {
  return (_bytes, _start, length) => lengths.has(length)
}

export function beginningWith(texts: readonly string[]): IsWanted {
  const beginnings = texts.map((text) => Buffer.from(text))
  return (bytes, start, length) =>
    beginnings.some((text) => length >= text.length && text.every((byte, at) => bytes[start + at] === byte))
}

function fieldsOf(bytes: Buffer, isWanted: IsWanted | undefined): Document {
  const document: Document = {}
  for (const [type, nameAt, nameLength, at, length] of onDemand.parseToElements(bytes)) {
    const name = nameIn(bytes, nameAt, nameLength)
    if (name === 'body') document[name] = textIn(bytes, at, length)
    else document[name] = type === BSONType.array ? textsIn(bytes, at, isWanted) : valueOf(bytes, type, at, length)
  }
  return document
}

/** Names of fields that are read of every document: told by their length and first letter, and then letter by letter. */
const NAMES = ['_id', 'v', 'u', 'deleted', 'body', 'k', 'o', 'whose'].map((name) => Buffer.from(name, 'latin1'))
const known = new Map(
  NAMES.map((bytes) => [placeOf(bytes, 0, bytes.length), { bytes, name: bytes.toString('latin1') }]),
)

function placeOf(bytes: Buffer, at: number, length: number): number {
  return length * 256 + (bytes[at] ?? 0)
}

function nameIn(bytes: Buffer, at: number, length: number): string {
  const found = known.get(placeOf(bytes, at, length))
  return found?.bytes.every((byte, index) => bytes[at + index] === byte)
    ? found.name
    : bytes.toString('latin1', at, at + length)
}

/** bsonspec.org: the length, the text, a zero. */
function textIn(bytes: Buffer, at: number, length: number): Buffer {
  return bytes.subarray(at + 4, at + length - 1)
}

function valueOf(bytes: Buffer, type: number, at: number, length: number): unknown {
  switch (type) {
    case BSONType.string:
      return bytes.toString('utf8', at + 4, at + length - 1)
    case BSONType.int:
      return bytes.readInt32LE(at)
    case BSONType.long:
      return Number(bytes.readBigInt64LE(at))
    case BSONType.double:
      return bytes.readDoubleLE(at)
    case BSONType.date:
      return new Date(Number(bytes.readBigInt64LE(at)))
    case BSONType.bool:
      return bytes[at] === 1
    case BSONType.object:
      return deserialize(bytes.subarray(at, at + length))
    default:
      throw new Error(`A field of a stored resource is of BSON type ${type}, which none is.`)
  }
}

/** bsonspec.org: of each element its type, its number as a name, its text as above; a zero at the end. */
function textsIn(bytes: Buffer, at: number, isWanted: IsWanted | undefined): string[] {
  const texts: string[] = []
  for (let element = at + 4; bytes[element] !== 0;) {
    if (bytes[element] !== BSONType.string)
      throw new Error('A list of a stored resource holds something other than texts.')
    let start = element + 1
    while (bytes[start] !== 0) start++
    const length = bytes.readInt32LE(start + 1) - 1
    start += 5
    element = start + length + 1
    if (!isWanted || isWanted(bytes, start, length)) texts.push(bytes.toString('utf8', start, start + length))
  }
  return texts
}
