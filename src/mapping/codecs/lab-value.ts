/**
 * `lab-value`: `[value, unit]` ↔ value[x] of an Observation, as `[valueQuantity, valueString, dataAbsentReason]`.
 * `lab-text`: the same from one column, "2.1 mIU/L" or `{value, unit}` as an object or its JSON text. Any other JSON is
 * text.
 *
 * Laboratories write "139", "<0.5" and "Not detected" into one column (entities §2 Observation, §3.15). A unit is
 * given a code only when it is a UCUM unit as it stands.
 */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError, UnreadableError } from '../errors.ts'
import { covers } from './covers.ts'
import { fhirNumeral, isBsonNumber, storeDecimal, tryDecimal } from './numeral.ts'
import { readText, storeText } from './text.ts'
import { isUcum, UCUM } from './ucum.ts'

interface Quantity {
  readonly value?: unknown
  readonly comparator?: string
  readonly unit?: string
  readonly system?: string
  readonly code?: string
}

type Values = readonly [quantity: Quantity | undefined, text: string | undefined, absent: object | undefined]

const COMPARED = /^([<>]=?)\s*(\S+)$/
const NUMBER_AND_UNIT = /^((?:[<>]=?\s*)?[+-]?[\d.]+)\s+(\S+)$/
const UNKNOWN = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
}

function unitOf(text: string | undefined): Quantity {
  if (text === undefined) return {}
  return isUcum(text) ? { unit: text, system: UCUM, code: text } : { unit: text }
}

function readPair(stored: unknown, unit: unknown): Values {
  if (stored instanceof Date) throw new UnreadableError('the value is a date, no laboratory value')
  const text = readText(stored)
  if (text === undefined) return [undefined, undefined, UNKNOWN]
  const [, comparator, bound] = COMPARED.exec(text) ?? []
  const value = tryDecimal(typeof stored === 'string' ? (bound ?? text) : stored)
  if (value === undefined) return [undefined, text, undefined]
  return [{ value, ...(comparator && { comparator }), ...unitOf(readText(unit)) }, undefined, undefined]
}

/** The value column: a number in the kind that was there, text in a column that holds texts or nothing yet. */
function storeValue({ value, comparator }: Quantity, before: unknown): unknown {
  const numeric = typeof before === 'number' || isBsonNumber(before)
  if (!comparator) return storeDecimal(value, numeric ? before : (readText(before) ?? ''))
  const space = typeof before === 'string' && /^[<>]=?\s/.test(before.trim()) ? ' ' : ''
  return `${comparator}${space}${fhirNumeral(value) ?? ''}`
}

function storePair(sent: Values, before: readonly unknown[]): unknown[] {
  const [value, unit] = before
  const [quantity, text] = sent
  if (quantity === undefined) return [storeText(text, null), unit ?? null]
  const name = quantity.system === UCUM ? quantity.code : quantity.unit
  return [storeValue(quantity, value), readText(unit) === name ? (unit ?? null) : (name ?? null)]
}

/** What was sent with the unit named by its code, as the column will name it. */
function unitByCode([quantity, ...rest]: Values): Values {
  if (quantity?.system !== UCUM || quantity.code === undefined) return [quantity, ...rest]
  return [{ ...quantity, unit: quantity.code }, ...rest]
}

function refuseUnreadable(held: Values, sent: Values): void {
  const named = unitByCode(sent)
  const same = held.every((value, i) => covers(value, named[i]) && (value === undefined) === (named[i] === undefined))
  const nothing = named.every((value) => value === undefined)
  if (same || (nothing && held[0] === undefined && held[1] === undefined)) return
  throw new NotStorableError(
    'The source holds a number with a UCUM unit, a text that is no number, or nothing (data-absent-reason unknown).',
  )
}

function valuesOf(fhir: unknown): Values {
  const [quantity, text, absent] = (fhir ?? []) as Partial<Values>
  return [quantity, text, absent]
}

const readOne = (stored: unknown): Values => {
  const found = jsonPair(stored) ?? (typeof stored === 'string' ? numberAndUnit(stored) : undefined)
  if (found) return readPair(found[0], found[1])
  return readPair(isObject(stored) ? JSON.stringify(stored) : stored, null)
}

function numberAndUnit(stored: string): readonly unknown[] | undefined {
  const [, value, unit] = NUMBER_AND_UNIT.exec(stored.trim()) ?? []
  return value !== undefined && readPair(value, null)[0] !== undefined ? [value, unit] : undefined
}

/** A JSON object as the driver gives it; not its numbers and dates. */
function isObject(stored: unknown): stored is object {
  return typeof stored === 'object' && stored !== null && !isBsonNumber(stored) && !(stored instanceof Date)
}

function jsonObject(stored: unknown): object | undefined {
  if (typeof stored !== 'string') return isObject(stored) ? stored : undefined
  if (!stored.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(stored) as object
  } catch {
    return undefined
  }
}

function jsonPair(stored: unknown): readonly unknown[] | undefined {
  const { value, unit } = (jsonObject(stored) ?? {}) as { value?: unknown; unit?: unknown }
  return value === undefined || isObject(value) || isObject(unit) ? undefined : [value, unit]
}

/** What the column holds of the sent value: JSON stays JSON, text stays text. */
function storeOne(sent: Values, before: unknown): unknown {
  const pair = jsonPair(before)
  if (pair) {
    const [value, unit] = storePair(sent, pair)
    const changed = { ...jsonObject(before), value, ...((unit !== null || pair[1] !== undefined) && { unit }) }
    return typeof before === 'string' ? JSON.stringify(changed) : changed
  }
  if (sent[0] === undefined) return storeText(sent[1], null)
  const [value, unit] = storePair(sent, [typeof before === 'number' ? before : null, null])
  return unit === null ? value : `${readText(value) ?? ''} ${readText(unit) ?? ''}`
}

const PATHS = { types: ['Quantity', 'string', 'CodeableConcept'], paths: 3 }

export const labValue: CodecDefinition = {
  name: 'lab-value',
  ...PATHS,
  fields: 2,
  make: () => ({
    read(stored) {
      const [value, unit] = stored as readonly unknown[]
      return readPair(value, unit)
    },
    write(fhir, before) {
      const sent = valuesOf(fhir)
      const stored = storePair(sent, (before ?? []) as readonly unknown[])
      refuseUnreadable(readPair(stored[0], stored[1]), sent)
      return stored
    },
  }),
}

export const labText: CodecDefinition = {
  name: 'lab-text',
  ...PATHS,
  fields: 1,
  make: () => ({
    read: readOne,
    write(fhir, before) {
      const sent = valuesOf(fhir)
      const stored = storeOne(sent, before)
      refuseUnreadable(readOne(stored), sent)
      return stored
    },
  }),
}
