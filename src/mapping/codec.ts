/**
 * A codec: a named two-way translation between stored values and FHIR values.
 *
 * With `field` it gets the one value, with `fields` an array of them in order; `write` gives back the same shape.
 * A rule with a list of FHIR paths gets and gives an array on the FHIR side. The engine has turned '' and missing into
 * undefined-free null before `read`: a codec of one column is never called with null; one of many may find nulls in it.
 */
import type { CodeTable } from './code-table.ts'

export interface CodecContext {
  /** ISTHMUS_CANONICAL_BASE */
  readonly base: string
  /** The system's zone, an IANA name */
  readonly timeZone: string
  /** links of files as they are stored, instead of `Binary/<id>`: for the gateway, which fetches them (G12) */
  readonly storedLinks?: boolean | undefined
  /** id of the resource being read or written */
  readonly id: string
  /** Something was kept but could not be translated (an unknown word): counted, shown, never fatal. */
  warn(reason: string): void
}

export interface Codec {
  /** Stored → FHIR; undefined when there is nothing. Throws UnreadableError when it cannot be read. */
  read(stored: unknown, context: CodecContext): unknown
  /**
   * FHIR → stored; `fhir` undefined (element gone) gives null; of many columns, null for those that are the element's
   * own (a codec of an end keeps the start). `before` is what the column holds now, so that its kind (text, number,
   * Decimal128, date, JSON text) can be kept. Throws NotStorableError.
   */
  write?(fhir: unknown, before: unknown, context: CodecContext): unknown
}

/** The options a rule gives its codec, checked against `options` (JSON Schema properties) when the file is loaded. */
export interface CodecOptions {
  readonly table?: CodeTable
  /** FHIR type of the element the (first) path names, such as `dateTime` or `CodeableConcept` */
  readonly type: string
  /** `of`, already made */
  readonly of?: Codec
  readonly [option: string]: unknown
}

export interface CodecDefinition {
  readonly name: string
  /** FHIR types it can stand for; checked against the element at load */
  readonly types: readonly string[]
  /** how many columns: 1, or the number of `fields` */
  readonly fields: number | 'any'
  /** how many FHIR paths, 1 when left out */
  readonly paths?: number
  /** gives a list: the path must end at an array element without `[…]` */
  readonly list?: boolean
  readonly table?: 'required' | 'optional'
  /** JSON Schema (draft-07) of further options, by name */
  readonly options?: Readonly<Record<string, object>>
  make(options: CodecOptions): Codec
}

/** A primitive that carries extensions: the engine puts `value` at `name` and `extension` at `_name`. */
export class ExtendedPrimitive {
  readonly value: unknown
  readonly extension: readonly object[]
  constructor(value: unknown, extension: readonly object[]) {
    this.value = value
    this.extension = extension
  }
}
