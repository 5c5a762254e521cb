/** Values of resources in words, for people: what a narrative says of a code, a quantity, a time. */
import type { CodeableConcept, Period, Quantity, Range, Ratio, Reference, Resource } from '@medplum/fhirtypes'
import { stringifyJson } from '../../r4/json.ts'

type Elements = Readonly<Record<string, unknown>>

/** What a reference in a document points at, where that is in the document. */
export type Resolve = (reference: string) => Resource | undefined

export function conceptText(concept: CodeableConcept | undefined): string {
  const { text, coding = [] } = concept ?? {}
  return text ?? coding.find(({ display }) => display)?.display ?? coding.find(({ code }) => code)?.code ?? ''
}

export function conceptsText(concepts: readonly CodeableConcept[] | undefined): string {
  return joined((concepts ?? []).map(conceptText))
}

/** What is not said is left out. */
export function joined(words: readonly (string | undefined)[], separator = ', '): string {
  return words.filter((each) => each !== undefined && each !== '').join(separator)
}

/** `value[x]`, `onset[x]`, … of a resource or a part of one. */
export function choiceText(element: object, name: string): string {
  for (const [key, value] of Object.entries(element as Elements)) {
    const type = key.startsWith(name) ? key.slice(name.length) : ''
    if (type !== '' && Object.hasOwn(kinds, type)) return (kinds[type] as (of: unknown) => string)(value)
  }
  return ''
}

export function periodText({ start, end }: Period): string {
  return start === end ? (start ?? '') : `${start ?? ''} – ${end ?? ''}`
}

export function quantityText({ comparator, value, unit, code }: Quantity): string {
  return joined([comparator, value === undefined ? undefined : stringifyJson(value), unit ?? code], ' ')
}

/** `medication[x]` and its like: a concept, or the resource that is meant by a reference. */
export function conceptOrReference(element: object, name: string, resolve: Resolve): string {
  const { [`${name}CodeableConcept`]: concept, [`${name}Reference`]: reference } = element as Elements
  return concept ? conceptText(concept) : referenceText(reference as Reference | undefined, resolve)
}

export function referenceText(reference: Reference | undefined, resolve: Resolve): string {
  const { display, reference: url, identifier } = reference ?? {}
  const target = url === undefined ? undefined : resolve(url)
  return display ?? (target && nameOf(target)) ?? identifier?.value ?? ''
}

function nameOf(resource: Resource): string | undefined {
  const { code, type, deviceName, name } = resource as {
    code?: CodeableConcept
    type?: CodeableConcept
    deviceName?: { name: string }[]
    name?: string
  }
  if (deviceName?.[0]) return deviceName[0].name
  if (typeof name === 'string') return name
  return conceptText(code) || (Array.isArray(type) ? '' : conceptText(type)) || undefined
}

function rangeText({ low, high }: Range): string {
  return joined([low && quantityText(low), high && quantityText(high)], ' – ')
}

function ratioText({ numerator, denominator }: Ratio): string {
  return joined([numerator && quantityText(numerator), denominator && quantityText(denominator)], ' / ')
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : stringifyJson(value))

const kinds: Readonly<Record<string, (value: never) => string>> = {
  Age: quantityText,
  Boolean: plain,
  CodeableConcept: conceptText,
  Date: plain,
  DateTime: plain,
  Instant: plain,
  Integer: plain,
  Period: periodText,
  Quantity: quantityText,
  Range: rangeText,
  Ratio: ratioText,
  String: plain,
  Time: plain,
}
