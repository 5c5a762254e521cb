/**
 * UCUM units in their base units, so that 540 mg/dL is 5.4 g/L. The only file that knows the library; it is loaded when the
 * first unit comes by (40 ms, 17 MB), and each unit is asked once: a line through two points says the rest.
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const UCUM = 'http://unitsofmeasure.org'

/** A value in the base units is `value * factor + offset`: an offset has only what is measured from another zero. */
export interface CanonicalUnit {
  /** `g.m-3`; `1` of what has no dimension */
  readonly unit: string
  readonly factor: number
  readonly offset: number
}

interface Library {
  validateUnitString(unit: string): { readonly status: string }
  convertToBaseUnits(unit: string, value: number): Converted
}

interface Converted {
  readonly status: string
  readonly magnitude?: number
  readonly unitToExp?: Readonly<Record<string, number>>
}

/** Units that a clinic uses are some dozens; what is sent on purpose must not fill the memory. */
const MOST = 2000
const known = new Map<string, CanonicalUnit | undefined>()
const units = new Map<string, boolean>()
let library: Library | undefined

/** Undefined for what is no UCUM unit, an arbitrary one (`[iU]`), or one whose scale is no line (`[pH]`). */
export function canonicalUnit(code: string): CanonicalUnit | undefined {
  if (known.has(code)) return known.get(code)
  if (known.size >= MOST) known.clear()
  const unit = code.length > 100 ? undefined : ask(code)
  known.set(code, unit)
  return unit
}

/** `{wine glasses}/d`: words for people, in which spaces are met though UCUM §6 has none. */
const annotations = /\{[^{}]+\}/g

/** Is it a unit at all, also one that is not computed with? */
export function isUnit(code: string): boolean {
  const answer = units.get(code)
  if (answer !== undefined) return answer
  if (units.size >= MOST) units.clear()
  library ??= load()
  const is = code.length <= 100 && library.validateUnitString(code.replaceAll(annotations, '{}')).status === 'valid'
  units.set(code, is)
  return is
}

/** Twelve digits: what differs later is the arithmetic's. */
export function inBaseUnits(value: number, { factor, offset }: CanonicalUnit): number {
  return Number.isFinite(value) ? Number((value * factor + offset).toPrecision(12)) : value
}

function ask(code: string): CanonicalUnit | undefined {
  library ??= load()
  const [one, some, many] = [1, 101, 1001].map((value) => library?.convertToBaseUnits(code, value))
  if (one?.magnitude === undefined || some?.magnitude === undefined || many?.magnitude === undefined) return undefined
  const factor = (many.magnitude - one.magnitude) / 1000
  const offset = one.magnitude - factor
  if (!near(some.magnitude, 101 * factor + offset)) return undefined
  const unit = unitText(one.unitToExp ?? {})
  // Subtraction leaves crumbs where the scale begins at zero
  return near(factor, one.magnitude) ? { unit, factor: one.magnitude, offset: 0 } : { unit, factor, offset }
}

function near(one: number, other: number): boolean {
  return Math.abs(one - other) <= Math.abs(one) * 1e-9
}

function unitText(exponents: Readonly<Record<string, number>>): string {
  const parts = Object.entries(exponents).filter(([, exponent]) => exponent !== 0)
  if (parts.length === 0) return '1'
  return parts
    .map(([unit, exponent]) => (exponent === 1 ? unit : `${unit}${exponent}`))
    .sort()
    .join('.')
}

function load(): Library {
  const ucum = require('@lhncbc/ucum-lhc') as { UcumLhcUtils: { getInstance(): Library } }
  return ucum.UcumLhcUtils.getInstance()
}
