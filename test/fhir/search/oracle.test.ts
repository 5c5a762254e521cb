/**
 * Search against a slow oracle (test/support/search-oracle) that reads every resource: each parameter of each type, under
 * each modifier and prefix, with values that the resources have and that none has; and searches made of those. The seed
 * of a run is in the name of its tests: ISTHMUS_TEST_SEED gives it again.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setImmediate } from 'node:timers/promises'
import { resourceTypes } from '../../../src/r4/elements.ts'
import { atOnce } from '../../support/at-once.ts'
import { startFhirServer, type FhirServer } from '../../support/fhir-server.ts'
import { dice, generatedWorld, shuffled } from '../../support/generated-world.ts'
import { found, type Resource, type World } from '../../support/search-oracle/ask.ts'
import { linked, linksIn, together, type Combined, type Questions } from '../../support/search-oracle/combined.ts'
import { parametersOf } from '../../support/search-oracle/definitions.ts'
import { filterOn } from '../../support/search-oracle/filters.ts'
import { compare, sortable, sortKeys } from '../../support/search-oracle/order.ts'
import { notAsked, questionsOf, type Question } from '../../support/search-oracle/questions.ts'

const random = Number(process.env['ISTHMUS_TEST_SEED'] ?? Date.now() % 1_000_000)
const roll = dice(random)
/** The resources are always the same, so that all kinds of question are there; which are asked is random. */
const worldSeed = 7
const combinations = 240

let server: FhirServer
let world: World
let questions: Questions

beforeAll(async () => {
  server = await startFhirServer()
  world = await loaded(generatedWorld(worldSeed))
  questions = await questionsIn(world)
}, 120_000)

afterAll(async () => {
  await server.stop()
})

describe(`with seed ${random}`, () => {
  test('every parameter, modifier, prefix and type of value finds what the oracle finds', async () => {
    const asked = chosen()
    const searches = asked.map(({ type, name, value }): Combined => ({ type, criteria: [[name, value]] }))
    expect(await differences(searches)).toEqual([])
    expectAllAsked(asked)
  }, 120_000)

  test('several parameters are all asked for, and several values are alternatives', async () => {
    const searches = Array.from({ length: combinations }, () => together(questions, someType(), roll))
    expect(await differences(searches)).toEqual([])
  }, 60_000)

  test('chains and _has of up to three steps find what the oracle finds', async () => {
    const links = linksIn(world)
    const searches = Array.from({ length: combinations }, (_, at) => linked(links, questions, 1 + (at % 3), roll))
    expect(await differences(searches)).toEqual([])
  }, 60_000)

  test('_filter finds what its words say of what the oracle finds', async () => {
    const source = { world, questions, links: linksIn(world), roll }
    const asked = Array.from({ length: combinations }, (_, at) => {
      const type = someType()
      return { type, ...filterOn(source, type, at % 4) }
    })
    const expected = asked.map(({ ids }) => [...ids])
    const searches = asked.map(({ type, text }): Combined => ({ type, criteria: [['_filter', text]] }))
    expect(await differences(searches, expected)).toEqual([])
  }, 60_000)

  test('_sort puts resources in the order of their values', async () => {
    const all = resourceTypes.flatMap((type) =>
      parametersOf(type)
        .filter((each) => sortable.includes(each.type) && !notAsked.has(each.code))
        .map(({ code }) => ({ type, code })),
    )
    const wrong = await atOnce(shuffled(all, roll).slice(0, combinations), ({ type, code }) => disorder(type, code))
    expect(wrong.flat()).toEqual([])
  }, 60_000)
})

function someType(): string {
  return resourceTypes[Math.floor(roll() * resourceTypes.length)] as string
}

async function loaded(resources: readonly Resource[]): Promise<World> {
  await atOnce(chunks(resources, 80), async (part) => {
    const entry = part.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }))
    const { status, text } = await server.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
    if (status !== 200) throw new Error(`${status} ${text}`)
  })
  const served = await atOnce(resourceTypes, async (type) => {
    const { json } = await server.get(`${type}?_count=50`)
    return [type, (json.entry ?? []).map(({ resource }) => resource as Resource)] as const
  })
  return new Map(served)
}

async function questionsIn(resources: World): Promise<Questions> {
  const all = new Map<string, readonly Question[]>()
  for (const type of resourceTypes) {
    all.set(type, questionsOf(resources, type))
    // Connections that wait meanwhile must be able to end
    await setImmediate()
  }
  return all
}

/** Of each parameter of each type one, and of each kind of question one. */
function chosen(): Question[] {
  const tried = new Set<string>()
  return shuffled([...questions.values()].flat(), roll).filter((question) => {
    const kinds = [parameterOf(question), question.tries]
    const isNew = kinds.some((kind) => !tried.has(kind))
    for (const kind of kinds) tried.add(kind)
    return isNew
  })
}

function parameterOf({ type, name }: Question): string {
  return `${type}?${name.split(':')[0] ?? ''}`
}

function expectAllAsked(asked: readonly Question[]): void {
  const all = resourceTypes.flatMap((type) =>
    parametersOf(type).flatMap(({ code }) => (notAsked.has(code) ? [] : [`${type}?${code}`])),
  )
  expect(new Set(asked.map(parameterOf))).toEqual(new Set(all))
  // Every type of parameter, modifier, prefix, form and type of value that the resources of the seed have
  expect(new Set(asked.map(({ tries }) => tries)).size).toBeGreaterThan(900)
}

interface Answer {
  readonly response: { readonly status: string }
  readonly resource?: { readonly entry?: readonly { readonly resource: { readonly id: string } }[] }
}

/** Searches whose answers are not what is expected: the oracle's. Many go in one batch. */
async function differences(searches: readonly Combined[], expectations?: readonly string[][]): Promise<object[]> {
  const all = searches.map((search, index) => ({ search, expected: (expectations?.[index] ?? idsOf(search)).sort() }))
  const parts = await atOnce(
    chunks(all, 50),
    async (part) => {
      const entry = part.map(({ search }) => ({ request: { method: 'GET', url: addressOf(search) } }))
      const { json } = await server.send('POST', '', { resourceType: 'Bundle', type: 'batch', entry })
      return part.flatMap(({ search, expected }, index): object[] => {
        const { response, resource } = json.entry?.[index] as Answer
        const got = (resource?.entry ?? []).map((each) => each.resource.id).sort()
        if (response.status.startsWith('200') && got.join() === expected.join()) return []
        return [{ ...search, address: addressOf(search), got: resource ? got : response, expected }]
      })
    },
    4,
  )
  return parts.flat()
}

function idsOf({ type, criteria }: Combined): string[] {
  const all = criteria.map(([name, value]) => new Set(found(world, type, name, value).map(({ id }) => id)))
  return [...all.reduce((one, other) => one.intersection(other))]
}

function addressOf({ type, criteria }: Combined): string {
  const parts = criteria.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return `${type}?${parts.join('&')}&_count=50&_elements=id&_total=none`
}

/** Of several values the one counts that comes first in the order. */
async function disorder(type: string, code: string): Promise<object[]> {
  const all = await atOnce(['', '-'], async (sign) => {
    const first = sign ? -1 : 0
    const keys = new Map(
      (world.get(type) ?? []).map((resource) => [resource.id, sortKeys(resource, code).at(first)] as const),
    )
    const { json } = await server.get(`${type}?_sort=${sign}${code}&_count=50&_elements=id`)
    const order = (json.entry ?? []).map(({ resource }) => keys.get(resource?.id ?? ''))
    // In pairs: an array would put what is undefined last, whatever the comparison says
    const sorted = [...keys].sort(([, one], [, other]) => (sign ? compare(other, one) : compare(one, other)))
    const expected = sorted.map(([, key]) => key)
    return JSON.stringify(order) === JSON.stringify(expected) ? [] : [{ type, code, sign, order, expected }]
  })
  return all.flat()
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, at * size + size))
}
