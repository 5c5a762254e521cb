import { describe, expect, test } from '@jest/globals'
import type { ConceptMap, StructureDefinition } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { profilesByType, profileUrls } from '../../src/conformance/definitions.ts'
import { normaliseWord } from '../../src/mapping/code-table.ts'
import { MappingProblem } from '../../src/mapping/errors.ts'
import { BASE, contextOf, examples, loaded, partsOf } from '../mapping/examples.ts'
import type { Example } from '../mapping/examples.ts'
import { generated } from '../mapping/generated-rows.ts'
import { readDefinitions } from '../../src/r4/definitions.ts'
import { codesOf } from '../../src/r4/required-codes.ts'
import { conformanceErrors, definitionOptions, definitions, profiles } from '../support/definitions.ts'
import { validationErrors } from '../support/validate.ts'

const all = examples()
const mappings = loaded.systems.flatMap(({ written }) => written.mappings)

test('every mapping has a profile, and its type names it', () => {
  const byType = profilesByType(definitionOptions)
  for (const { resource } of mappings) {
    const named = byType.get(resource) ?? []
    expect(named).not.toHaveLength(0)
    expect(named.filter((url) => !profiles.has(url))).toEqual([])
  }
})

test('urls and ids are there once', () => {
  const places = definitions.map(({ resourceType, id }) => `${resourceType}/${id}`)
  expect(new Set(places).size).toBe(places.length)
  expect(new Set(definitions.map(({ url }) => url)).size).toBe(definitions.length)
})

test('ids are ids of FHIR', () => {
  expect(definitions.filter(({ id }) => !/^[A-Za-z0-9.-]{1,64}$/.test(id)).map(({ id }) => id)).toEqual([])
})

test('every definition is a valid resource', () => {
  const wrong = definitions.flatMap((each) => validationErrors(each).map((error) => `${each.id}: ${error}`))
  expect(wrong).toEqual([])
})

test('every extension that a profile names is defined, by us or by HL7', () => {
  const named = [...profiles.values()].flatMap(({ differential }) =>
    (differential?.element ?? []).flatMap(({ type }) => (type ?? []).flatMap(({ profile }) => profile ?? [])),
  )
  const unknown = named.filter((url) => !profiles.has(url) && !url.startsWith('http://hl7.org/fhir/'))
  expect([...new Set(unknown)]).toEqual([])
})

test('a ConceptMap has every row of its code table', () => {
  for (const { system, written } of loaded.systems) {
    for (const table of written.tables.values()) {
      const url = `${BASE}/ConceptMap/${system}-${table.name}`
      const map = definitions.find((each) => each.url === url) as ConceptMap | undefined
      for (const group of map?.group ?? []) {
        const words = new Map(group.element.map(({ code = '', target }) => [normaliseWord(code), target?.[0]?.code]))
        for (const [word, code] of table.toFhir) expect([code].flat()).toContain(words.get(word))
      }
      expect(map?.group?.length).toBeGreaterThan(0)
    }
  }
})

const urls = profileUrls(definitionOptions)

test('a ConceptMap gives codes that their code system has', () => {
  const systems = Object.entries(readDefinitions('required-systems') as Record<string, string>)
  const codes = new Map<string, string[]>()
  for (const [valueSet, system] of systems) {
    codes.set(system, [...(codes.get(system) ?? []), ...(codesOf(valueSet) ?? [])])
  }
  const groups = definitions.flatMap((each) => (each.resourceType === 'ConceptMap' ? (each.group ?? []) : []))
  // the code systems of R4's own, whose codes are all in some value set
  const known = groups.filter(({ target = '' }) => target.startsWith('http://hl7.org/fhir/') && codes.has(target))
  const strange = known.flatMap(({ target = '', element }) =>
    element.flatMap((word) => (word.target ?? []).filter(({ code = '' }) => !codes.get(target)?.includes(code))),
  )
  expect(strange).toEqual([])
  expect(known.length).toBeGreaterThan(20)
})

function profileOf({ lens }: Example): StructureDefinition {
  return profiles.get(urls.get(lens.name) ?? '') as StructureDefinition
}

describe.each(all.map((example) => [example.name, example] as const))('%s', (_name, example) => {
  const profile = profileOf(example)

  test('the twin conforms to the profile of its mapping', () => {
    for (const resource of example.resources) expect(conformanceErrors(resource, profile)).toEqual([])
  })

  test('so does what generated documents read as', () => {
    fc.assert(
      fc.property(generated(example, all).map(resourcesOf), (resources) => {
        for (const resource of resources) expect(conformanceErrors(resource, profile)).toEqual([])
      }),
      { numRuns: 15 },
    )
  })
})

/** As they go over the wire. */
function resourcesOf(example: Example): object[] {
  return partsOf(example).flatMap((part) => {
    try {
      const resource = part.lens.get(part, contextOf(example))
      return resource ? [JSON.parse(JSON.stringify(resource)) as object] : []
    } catch (error) {
      if (error instanceof MappingProblem) return []
      throw error
    }
  })
}
