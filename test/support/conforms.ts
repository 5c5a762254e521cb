/**
 * Is a resource what a profile of ours says? Reads the differential as it stands (no snapshot): cardinality, fixed values
 * and patterns, slices, choices of type, and bindings to ValueSets that list their codes.
 */
import type { ElementDefinition, StructureDefinition, ValueSet } from '@medplum/fhirtypes'

type Json = Readonly<Record<string, unknown>>
type Element = ElementDefinition & Json

/** Each error as `element: sentence`; none when the resource conforms. */
export function conformanceErrors(
  resource: object,
  profile: StructureDefinition,
  valueSets: ReadonlyMap<string, ValueSet>,
): string[] {
  const elements = (profile.differential?.element ?? []) as Element[]
  const byId = new Map(elements.map((element) => [element.id ?? '', element]))
  return elements.slice(1).flatMap((element) => {
    const at = (element.id ?? '').lastIndexOf('.')
    const parents = valuesAt(resource as Json, (element.id ?? '').slice(0, at), byId)
    return parents.flatMap((parent) => {
      const values = children(parent, (element.id ?? '').slice(at + 1), element.id ?? '', byId)
      return mistakes(element, values, valueSets).map((mistake) => `${element.id ?? ''}: ${mistake}`)
    })
  })
}

function valuesAt(resource: Json, id: string, byId: ReadonlyMap<string, Element>): Json[] {
  const [root = '', ...steps] = id.split('.')
  let path = root
  let values: Json[] = [resource]
  for (const step of steps) {
    path += `.${step}`
    values = values.flatMap((value) => children(value, step, path, byId) as Json[])
  }
  return values
}

/** The values of `name`, `value[x]` or `name:slice`; a primitive that has only extensions counts as one. */
function children(parent: Json, step: string, id: string, byId: ReadonlyMap<string, Element>): unknown[] {
  const [name = '', slice] = step.split(':')
  const names = name.endsWith('[x]') ? choices(parent, name.slice(0, -3)) : [name]
  const values = names.flatMap((key) => parent[key] ?? (parent[`_${key}`] === undefined ? [] : [parent[`_${key}`]]))
  return slice === undefined ? values : values.filter((value) => isOf(value, id, byId))
}

/** `effectiveDateTime`, also where it has extensions only. */
function choices(parent: Json, start: string): string[] {
  const names = Object.keys(parent).map((key) => key.replace(/^_/, ''))
  return [...new Set(names)].filter((key) => isChoice(key, start))
}

function isChoice(key: string, start: string): boolean {
  return key.startsWith(start) && /^[A-Z]/.test(key.slice(start.length))
}

/** Does an item belong to the slice? */
function isOf(value: unknown, id: string, byId: ReadonlyMap<string, Element>): boolean {
  const slicing = byId.get(id.slice(0, id.lastIndexOf(':')))?.slicing
  return (slicing?.discriminator ?? []).every(({ path }) => {
    const element = byId.get(path === '$this' ? id : `${id}.${path}`)
    const url = path === 'url' ? byId.get(id)?.type?.[0]?.profile?.[0] : undefined
    const wanted = url ?? valueOf(element, 'fixed') ?? valueOf(element, 'pattern')
    const steps = path === '$this' ? [] : path.split('.')
    const found = steps.reduce<unknown>((inner, step) => (inner as Json | undefined)?.[step], value)
    return wanted !== undefined && has(found, wanted)
  })
}

function valueOf(element: Element | undefined, kind: 'fixed' | 'pattern'): unknown {
  const [, value] = Object.entries(element ?? {}).find(([key]) => isChoice(key, kind)) ?? []
  return value
}

function mistakes(element: Element, values: readonly unknown[], valueSets: ReadonlyMap<string, ValueSet>): string[] {
  const { min = 0, max = '*' } = element
  const wanted = valueOf(element, 'fixed') ?? valueOf(element, 'pattern')
  const codes = codesOf(element, valueSets)
  return [
    ...(values.length < min ? [`${values.length} values, at least ${min} wanted`] : []),
    ...(max !== '*' && values.length > Number(max) ? [`${values.length} values, at most ${max} wanted`] : []),
    ...(wanted === undefined || element.sliceName !== undefined
      ? []
      : values.filter((value) => !has(value, wanted)).map((value) => `${JSON.stringify(value)} is not as it must be`)),
    ...(codes
      ? values
          .filter((value) => !isCoded(value, codes))
          .map((value) => `${JSON.stringify(value)} is not in the ValueSet`)
      : []),
  ]
}

function codesOf({ binding }: Element, valueSets: ReadonlyMap<string, ValueSet>): Set<string> | undefined {
  const listed = valueSets.get(binding?.valueSet ?? '')?.compose?.include.flatMap(({ concept }) => concept ?? [])
  return listed && listed.length > 0 ? new Set(listed.map(({ code }) => code ?? '')) : undefined
}

/** A code of the set; text alone, or a reason why there is none, will do too. */
function isCoded(value: unknown, codes: ReadonlySet<string>): boolean {
  if (typeof value === 'string') return codes.has(value)
  const { coding, extension } = value as { coding?: { code: string }[]; extension?: unknown }
  return extension !== undefined || !coding || coding.some(({ code }) => codes.has(code))
}

function has(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((part) => value.some((each) => has(each, part)))
  if (typeof pattern !== 'object' || pattern === null) return value === pattern
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(pattern).every(([name, inner]) => has((value as Json)[name], inner))
}
