import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from '@jest/globals'
import { elementsOf, isPrimitive, isResourceType, resourceTypes } from '../../src/r4/elements.ts'
import { codesOf } from '../../src/r4/required-codes.ts'

/** HL7's own list of R4 paths, `Patient.deceasedBoolean` → `boolean`, kept by the fhirpath package. */
function hl7Paths(): Record<string, string> {
  const file = createRequire(import.meta.url).resolve('fhirpath/fhir-context/r4/path2Type.json')
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
}

test('a resource type has its own, inherited and choice elements', () => {
  const patient = elementsOf('Patient')
  expect(patient?.get('id')).toEqual({ name: 'id', type: 'id', array: false, required: false, order: 0 })
  expect(patient?.get('deceasedDateTime')).toMatchObject({ type: 'dateTime', choice: 'deceased', array: false })
  expect(patient?.get('contact')).toMatchObject({ type: 'Patient.contact', array: true })
  expect(patient?.get('managingOrganization')?.targets).toEqual(['Organization'])
  expect(patient?.get('gender')?.binding).toBe('http://hl7.org/fhir/ValueSet/administrative-gender')
  expect(elementsOf('Observation')?.get('status')?.required).toBe(true)
  expect(elementsOf('Observation.component')?.get('referenceRange')?.type).toBe('Observation.referenceRange')
  expect(elementsOf('HumanName')?.get('given')).toMatchObject({ type: 'string', array: true })
})

test('names that are no type have no elements', () => {
  for (const name of ['constructor', '__proto__', 'string', 'Nonsense', '']) expect(elementsOf(name)).toBeUndefined()
})

test('there are 146 concrete resource types, all of R4', () => {
  expect(resourceTypes).toHaveLength(146)
  expect(isResourceType('Patient')).toBe(true)
  for (const name of ['Resource', 'DomainResource', 'MetadataResource', 'SubscriptionStatus', 'HumanName']) {
    expect(isResourceType(name)).toBe(false)
  }
  for (const type of resourceTypes) expect(elementsOf(type)?.get('meta')?.type).toBe('Meta')
})

test('primitive types are told from complex ones', () => {
  expect(['string', 'decimal', 'xhtml', 'instant', 'canonical'].every(isPrimitive)).toBe(true)
  expect(['Quantity', 'Patient', 'Patient.contact'].some(isPrimitive)).toBe(false)
})

test('every element HL7 defines is there with its type', () => {
  const noType = /^(ElementDefinition\.extension|MetadataResource)\./
  const paths = Object.entries(hl7Paths()).filter(([path]) => path.includes('.') && !noType.test(path))
  const missing = paths.filter(([path, type]) => {
    const dot = path.lastIndexOf('.')
    const parent = path.slice(0, dot)
    if (isPrimitive(parent)) return false
    const found = elementsOf(parent)?.get(path.slice(dot + 1))?.type
    if (found === undefined) return true
    return found !== type && !['BackboneElement', 'Element'].includes(type) && !type.startsWith('System.')
  })
  expect(missing).toEqual([])
})

test('no element is there that HL7 does not define', () => {
  const paths = hl7Paths()
  const inherited = new Set(['id', 'extension', 'modifierExtension'])
  const quantities = ['Age', 'Count', 'Distance', 'Duration']
  const unknown = resourceTypes
    .flatMap((type) => pathsBelow(type))
    .filter(([path, reached]) => !(path in paths) && !inherited.has(path.slice(path.lastIndexOf('.') + 1)) && !reached)
  expect(unknown.filter(([path]) => !quantities.includes(path.split('.')[0] ?? ''))).toEqual([])
})

/** Paths of a type and of its backbone elements; a content reference is marked, it has no path of its own at HL7. */
function pathsBelow(type: string): [string, boolean][] {
  return [...(elementsOf(type)?.values() ?? [])].flatMap((element): [string, boolean][] => {
    const path = `${type}.${element.name}`
    const here: [string, boolean] = [path, element.type.includes('.') && element.type !== path]
    return element.type === path ? [here, ...pathsBelow(path)] : [here]
  })
}

test('codes of a required binding can be listed, those of open code systems cannot', () => {
  expect([...(codesOf('http://hl7.org/fhir/ValueSet/administrative-gender') ?? [])]).toEqual([
    'male',
    'female',
    'other',
    'unknown',
  ])
  expect(codesOf('http://hl7.org/fhir/ValueSet/observation-status')?.has('entered-in-error')).toBe(true)
  expect(codesOf('http://hl7.org/fhir/ValueSet/ucum-units')).toBeUndefined()
  expect(codesOf('constructor')).toBeUndefined()
})
