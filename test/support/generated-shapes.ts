/** Data types whose elements belong together: amounts and their units, references and what they point at, extensions. */
import fc from 'fast-check'
import { elementsOf, isPrimitive, resourceTypes } from '../../src/r4/elements.ts'
import { numberOf } from '../../src/r4/json.ts'
import type { Json } from './generated-invariants.ts'
import { knownCodes, primitives } from './generated-primitives.ts'

/** Makes objects of another type, a level deeper. */
export type Inner = (type: string) => fc.Arbitrary<Json>

/** The ids that a set of generated resources has, in every type: what references point at. */
export const ids = ['g0', 'g1', 'g2']
/** A base that is not the gateway's. */
export const elsewhere = 'https://elsewhere.example.org/fhir'

const ucum = 'http://unitsofmeasure.org'
const units: readonly Json[] = [
  ...['mg', 'g', 'kg', 'mm[Hg]', 'Cel', '%', 'h'].map((code) => ({ unit: code, system: ucum, code })),
  { unit: 'Milligramm', system: ucum, code: 'mg' },
  { system: 'urn:example:units', code: 'mg' },
  { unit: 'tablets' },
  {},
]
const decimal = primitives['decimal'] as fc.Arbitrary<unknown>
const text = primitives['string'] as fc.Arbitrary<unknown>
const unit = fc.constantFrom(...units)

function maybe<T>(percent: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(undefined) }, { weight: percent, arbitrary })
}

/** Without the properties that came out as undefined. */
export function present(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}

function quantity(comparators: number): fc.Arbitrary<Json> {
  const comparator = maybe(comparators, fc.constantFrom('<', '<=', '>=', '>'))
  return fc
    .tuple(decimal, comparator, unit)
    .map(([value, comparing, words]) => present({ value, comparator: comparing, ...words }))
}

const range = fc
  .tuple(decimal, decimal, unit, fc.constantFrom('low', 'high', 'both'))
  .map(([one, other, words, ends]) => {
    const [low, high] = [one, other].sort((a, b) => (numberOf(a) ?? 0) - (numberOf(b) ?? 0))
    return {
      ...(ends !== 'high' && { low: { value: low, ...words } }),
      ...(ends !== 'low' && { high: { value: high, ...words } }),
    }
  })

const sampled = fc
  .tuple(unit, decimal, fc.array(fc.constantFrom('1', '2.5', '-3', 'E', 'L', 'U'), { minLength: 1, maxLength: 4 }))
  .map(([words, value, data]) => ({ origin: { value, ...words }, period: 10, dimensions: 1, data: data.join(' ') }))

export const shapes: Readonly<Record<string, (inner: Inner) => fc.Arbitrary<Json>>> = {
  Quantity: () => quantity(15),
  Age: () => quantity(0),
  Count: () => quantity(0),
  Distance: () => quantity(0),
  Duration: () => quantity(0),
  Range: () => range,
  Ratio: () => fc.tuple(quantity(0), quantity(0)).map(([numerator, denominator]) => ({ numerator, denominator })),
  SampledData: () => sampled,
  Money: () =>
    fc
      .tuple(decimal, maybe(80, fc.constantFrom(...(knownCodes['http://hl7.org/fhir/ValueSet/currencies'] ?? []))))
      .map(([value, currency]) => present({ value, currency })),
  Extension: extension,
}

/** With a value of any type, or with extensions of its own. */
function extension(inner: Inner): fc.Arbitrary<Json> {
  const url = fc.constantFrom('urn:example:extension', 'https://example.org/fhir/StructureDefinition/of-ours')
  const types = [...(elementsOf('Extension')?.values() ?? [])].filter(({ choice }) => choice === 'value')
  const [simple, complex] = [
    types.filter(({ type }) => isPrimitive(type)),
    types.filter(({ type }) => !isPrimitive(type)),
  ]
  const primitive = fc.constantFrom(...simple).chain(({ name, type }) => valueOf(name, primitives[type] ?? text))
  const whole = fc
    .constantFrom(...complex)
    .chain(({ name, type }) => valueOf(name, type === 'Reference' ? referenceTo(resourceTypes, inner) : inner(type)))
  const nested = primitive.map((value) => ({ extension: [{ url: 'part', ...value }] }))
  const content = fc.oneof(
    { weight: 4, arbitrary: primitive },
    { weight: 2, arbitrary: whole },
    { weight: 1, arbitrary: nested },
  )
  return fc.tuple(url, content).map(([address, value]) => ({ url: address, ...value }))
}

function valueOf(name: string, arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<Json> {
  return arbitrary.map((value) => ({ [name]: value }))
}

/** Relative, with a version, somewhere else, by identifier, by name alone (R4 references.html). */
export function referenceTo(targets: readonly string[], inner: Inner): fc.Arbitrary<Json> {
  const literal = fc.tuple(fc.constantFrom(...targets), fc.constantFrom(...ids)).map(([type, id]) => `${type}/${id}`)
  const reference = fc.oneof(
    { weight: 12, arbitrary: literal },
    { weight: 1, arbitrary: literal.map((it) => `${it}/_history/1`) },
    { weight: 1, arbitrary: literal.map((it) => `${elsewhere}/${it}`) },
    { weight: 1, arbitrary: fc.constant('urn:uuid:6f7b1c9a-53c4-4d7e-9a0e-0123456789ab') },
  )
  const identifier = inner('Identifier').map(({ assigner: _assigner, ...rest }) => rest)
  return fc
    .tuple(maybe(85, reference), maybe(20, identifier), maybe(20, text))
    .map(([link, logical, display]) =>
      present({ reference: link, identifier: hasAny(logical) ? logical : undefined, display }),
    )
    .map((it) => (hasAny(it) ? it : { display: 'someone' }))
}

function hasAny(object: Json | undefined): boolean {
  return object !== undefined && Object.keys(object).length > 0
}
