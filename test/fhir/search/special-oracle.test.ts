/**
 * What compares no values of an element, against an oracle that looks at every resource: words, places, lists, and codes by
 * the sets and hierarchies they are in; each by itself and within `_filter`. ISTHMUS_TEST_SEED gives a run again.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { useSearchParameters } from '../../../src/r4/search-parameters.ts'
import { atOnce } from '../../support/at-once.ts'
import { type FhirServer, type Sample, startFhirServer } from '../../support/fhir-server.ts'
import { dice } from '../../support/generated-world.ts'

const random = Number(process.env['ISTHMUS_TEST_SEED'] ?? Date.now() % 1_000_000)
const roll = dice(random)
const upTo = (most: number): number => Math.floor(roll() * most)
const pick = <T>(items: readonly T[]): T => items[upTo(items.length)] as T
const some = <T>(items: readonly T[], share = 0.4): T[] => items.filter(() => roll() < share)
const asked = 80

const SYSTEM = 'urn:tree'
const codes = 'a b c d e f g h i j k l'.split(' ')
const words = ['fever', 'cough', 'ache', 'rash', 'chill', 'حمى']

interface Note extends Sample {
  /** words of its narrative, of its notes, and its codes */
  readonly said: readonly string[]
  readonly noted: readonly string[]
  readonly codes: readonly string[]
}

interface Place {
  readonly id: string
  readonly latitude: number
  readonly longitude: number
}

/** Each code but the first is below one before it. */
const parents = new Map(codes.slice(1).map((code, index) => [code, codes[upTo(index + 1)] as string]))
const notes = Array.from({ length: 40 }, (_, index): Note => ({
  ...{ resourceType: 'Observation', id: `o${index}` },
  ...{ said: some(words, 0.3), noted: some(words, 0.3), codes: some(codes, 0.12) },
}))
const places = Array.from({ length: 30 }, (_, index): Place => ({
  id: `l${index}`,
  latitude: upTo(1800) / 10 - 90,
  longitude: upTo(3600) / 10 - 180,
}))
const lists = Array.from({ length: 6 }, (_, index) => ({ id: `list${index}`, items: some(notes, 0.2) }))

/** Value sets, each made of a part of the tree, of codes by name, of others together, or of one without another. */
interface CodeSet {
  readonly url: string
  readonly compose: object
  readonly codes: ReadonlySet<string>
}
const sets: CodeSet[] = []
for (const at of Array.from({ length: 12 }, (_, index) => index)) sets.push({ url: `urn:set:${at}`, ...setOf(at % 4) })

function setOf(kind: number): Omit<CodeSet, 'url'> {
  const [one, other] = [pick(sets), pick(sets)]
  if (kind === 0 || !one || !other) {
    const [code, op] = [pick(codes), pick(['is-a', 'descendent-of'])]
    const filter = [{ property: 'concept', op, value: code }]
    const below = codes.filter((each) => isBelow(each, code) && (op === 'is-a' || each !== code))
    return { compose: { include: [{ system: SYSTEM, filter }] }, codes: new Set(below) }
  }
  if (kind === 1) {
    const named = some(codes)
    const concept = [...named, 'unheard-of'].map((code) => ({ code }))
    return { compose: { include: [{ system: SYSTEM, concept }] }, codes: new Set(named) }
  }
  if (kind === 2) {
    return { compose: { include: [{ valueSet: [one.url, other.url] }] }, codes: one.codes.intersection(other.codes) }
  }
  const compose = { include: [{ valueSet: [one.url] }], exclude: [{ valueSet: [other.url] }] }
  return { compose, codes: one.codes.difference(other.codes) }
}

function isBelow(code: string, ancestor: string): boolean {
  const parent = parents.get(code)
  return code === ancestor || (parent !== undefined && isBelow(parent, ancestor))
}

function treeBelow(code: string): object {
  return { code, concept: codes.filter((each) => parents.get(each) === code).map(treeBelow) }
}

let server: FhirServer
beforeAll(async () => {
  useSearchParameters([], { words: true })
  server = await startFhirServer()
  const concept = [treeBelow(codes[0] as string)]
  await server.put({ resourceType: 'CodeSystem', id: 'tree', url: SYSTEM, content: 'complete', concept })
  await atOnce(sets, ({ url, compose }, at) => server.put({ resourceType: 'ValueSet', id: `s${at}`, url, compose }))
  await atOnce(notes, (note) => server.put(stored(note)))
  await atOnce(places, ({ id, ...position }) => server.put({ resourceType: 'Location', id, position }))
  await atOnce(lists, ({ id, items }) => {
    const entry = items.map((each) => ({ item: { reference: `Observation/${each.id}` } }))
    return server.put({ resourceType: 'List', id, entry })
  })
}, 60_000)
afterAll(async () => {
  useSearchParameters([])
  await server.stop()
})

function stored({ resourceType, id, said, noted, codes: own }: Note): Sample {
  const div = `<div xmlns="http://www.w3.org/1999/xhtml"><p>${said.join('</p><p>')}</p></div>`
  return {
    ...{ resourceType, id, text: { status: 'generated', div } },
    code: { coding: own.map((code) => ({ system: SYSTEM, code })) },
    note: noted.map((text) => ({ text: `${text.toUpperCase()}.` })),
  }
}

/** A search, and the ids it ought to find. */
interface Question {
  readonly search: string
  readonly expected: readonly string[]
}

async function differences(questions: readonly Question[]): Promise<object[]> {
  const found = await atOnce(questions, async ({ search, expected }) => {
    const got = (await server.ids(`${search}&_count=100`)).sort()
    return got.join() === [...expected].sort().join() ? [] : [{ search, got, expected }]
  })
  return found.flat()
}

function ofNotes(query: string, fits: (note: Note) => boolean): Question {
  return { search: `Observation?${query}`, expected: notes.filter(fits).map(({ id }) => id) }
}

const times = (make: () => Question): Question[] => Array.from({ length: asked }, make)
/** Some found, of all of them: the questions are not about nothing. */
const meansSomething = (questions: readonly Question[]): boolean =>
  questions.filter(({ expected }) => expected.length > 0).length > asked / 8

// ── words ────────────────────────────────────────────────────────────────────────────────────────

interface Wording {
  readonly text: string
  readonly holds: (there: ReadonlySet<string>) => boolean
}

/** A word that is there, so that no expression says only what is not. */
function wording(depth: number): Wording {
  if (depth === 0 || roll() < 0.3) {
    const word = pick(words)
    return { text: roll() < 0.5 ? word : word.toUpperCase(), holds: (there) => there.has(word) }
  }
  const [one, other] = [wording(depth - 1), wording(depth - 1)]
  const text = (word: string): string => `(${one.text})${word}(${other.text})`
  return pick<Wording>([
    { text: text(' AND '), holds: (there) => one.holds(there) && other.holds(there) },
    { text: text(' '), holds: (there) => one.holds(there) && other.holds(there) },
    { text: text(' or '), holds: (there) => one.holds(there) || other.holds(there) },
    { text: text(' NOT '), holds: (there) => one.holds(there) && !other.holds(there) },
  ])
}

// ── places ───────────────────────────────────────────────────────────────────────────────────────

/** By the haversine, in kilometres. */
function distance(one: Omit<Place, 'id'>, other: Omit<Place, 'id'>): number {
  const [a, b] = [one.latitude, other.latitude].map((each) => (each * Math.PI) / 180) as [number, number]
  const turn = ((one.longitude - other.longitude) * Math.PI) / 180
  const chord = Math.sin((a - b) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(turn / 2) ** 2
  return 2 * 6371.0088 * Math.asin(Math.min(1, Math.sqrt(chord)))
}

describe(`with seed ${random}`, () => {
  test('_text and _content find the words of their parts, however they are put together', async () => {
    const questions = times(() => {
      const { text, holds } = wording(upTo(4))
      return roll() < 0.5
        ? ofNotes(`_text=${encodeURIComponent(text)}`, ({ said }) => holds(new Set(said)))
        : ofNotes(`_content=${encodeURIComponent(text)}`, ({ said, noted }) => holds(new Set([...said, ...noted])))
    })
    expect(meansSomething(questions)).toBe(true)
    expect(await differences(questions)).toEqual([])
  })

  test('near finds what is within the distance, over the poles and the date line too', async () => {
    const questions = times(() => {
      const from =
        roll() < 0.3
          ? pick(places)
          : { latitude: pick([-90, -45, 0, 60, 89.9, 90]), longitude: pick([-180, 0, 179.9, 33]) }
      const far = pick([50, 800, 3000, 12_000, 19_000])
      const [size, unit] = pick([
        [far, 'km'],
        [far * 1000, 'm'],
        [far / 1.609344, '[mi_i]'],
      ] as const)
      const search = `Location?near=${from.latitude}|${from.longitude}|${size}|${unit}`
      return { search, expected: places.filter((each) => distance(from, each) <= far).map(({ id }) => id) }
    })
    expect(meansSomething(questions)).toBe(true)
    expect(await differences(questions)).toEqual([])
  })

  test('_list finds the items of any of the lists', async () => {
    const questions = times(() => {
      const chosen = some(lists, 0.3)
      const names = chosen.length === 0 ? ['none'] : chosen.map(({ id }) => id)
      return ofNotes(`_list=${names.join()}`, (note) => chosen.some(({ items }) => items.includes(note)))
    })
    expect(meansSomething(questions)).toBe(true)
    expect(await differences(questions)).toEqual([])
  })

  test(':in, :not-in, :above and :below, and their words in _filter, find the codes of sets and trees', async () => {
    const questions = times(() => {
      const set = pick(sets)
      const code = pick(codes)
      const has = ({ codes: own }: Note): boolean => own.some((each) => set.codes.has(each))
      const below = (note: Note): boolean => note.codes.some((each) => isBelow(each, code))
      const above = (note: Note): boolean => note.codes.some((each) => isBelow(code, each))
      const filter = (text: string): string => `_filter=${encodeURIComponent(text)}`
      return pick([
        ofNotes(`code:in=${set.url}`, has),
        ofNotes(`code:not-in=${set.url}`, (note) => !has(note)),
        ofNotes(`code:below=${SYSTEM}|${code}`, below),
        ofNotes(`code:above=${SYSTEM}|${code}`, above),
        ofNotes(filter(`code in ${set.url} and not (code ss ${SYSTEM}|${code})`), (note) => has(note) && !below(note)),
        ofNotes(filter(`code ni "${set.url}" or code sb ${SYSTEM}|${code}`), (note) => !has(note) || above(note)),
      ])
    })
    expect(meansSomething(questions)).toBe(true)
    expect(await differences(questions)).toEqual([])
  })
})
