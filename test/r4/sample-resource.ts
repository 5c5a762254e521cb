/** Resources that have every element the definitions know, for tests that must not depend on what one thought of. */
import { codesOf } from '../../src/r4/required-codes.ts'
import { type ElementDefinition, elementsOf, isPrimitive, resourceTypes } from '../../src/r4/elements.ts'

export type Json = Record<string, unknown>

const maximumDepth = 5
const primitives: Record<string, (n: number) => unknown> = {
  boolean: (n) => n % 2 === 0,
  integer: (n) => n,
  positiveInt: (n) => n + 1,
  unsignedInt: (n) => n,
  decimal: (n) => n + 0.5,
  date: (n) => `20${10 + (n % 80)}-03-04`,
  dateTime: (n) => `20${10 + (n % 80)}-03-04T05:06:07Z`,
  instant: (n) => `20${10 + (n % 80)}-03-04T05:06:07.089Z`,
  time: () => '10:11:12',
  id: (n) => `id-${n}`,
  oid: (n) => `urn:oid:1.2.${n}`,
  uuid: (n) => `urn:uuid:6f7b1c9a-53c4-4d7e-9a0e-${String(n).padStart(12, '0')}`,
  base64Binary: () => 'QUJD',
  uri: (n) => `urn:example:${n}`,
  url: (n) => `https://example.org/${n}`,
  canonical: (n) => `https://example.org/canonical/${n}|1.0`,
  xhtml: () => '<div xmlns="http://www.w3.org/1999/xhtml">x</div>',
}

/** A resource of the type; the variant decides which type each choice has and which codes and targets are taken. */
export function sampleResource(type: string, variant: number): Json {
  let count = variant
  const next = (): number => count++

  function object(name: string, depth: number): Json {
    const result: Json = {}
    for (const [choice, elements] of Map.groupBy(elementsOf(name)?.values() ?? [], (it) => it.choice ?? it.name)) {
      const element = elements[(next() + choice.length) % elements.length]
      if (element === undefined || tooDeep(element, depth)) continue
      const value = (): unknown => valueOf(element, depth + 1)
      result[element.name] = element.array ? [value(), value(), value()] : value()
    }
    return result
  }

  function valueOf(element: ElementDefinition, depth: number): unknown {
    const { type: name, binding, targets } = element
    const codes = [...(codesOf(binding ?? '') ?? [])]
    if (codes.length > 0 && isPrimitive(name)) return codes[next() % codes.length]
    if (isPrimitive(name)) return primitives[name]?.(next()) ?? `text ${next()}`
    if (name !== 'Reference') return object(name, depth)
    const target = targets ?? resourceTypes
    return { reference: `${target[next() % target.length]}/${next()}`, display: `text ${next()}` }
  }

  return { resourceType: type, ...object(type, 0) }
}

function tooDeep(element: ElementDefinition, depth: number): boolean {
  if (['Extension', 'Resource', 'Meta', 'Narrative'].includes(element.type)) return element.name !== 'meta' || depth > 0
  return depth >= maximumDepth && !isPrimitive(element.type)
}
