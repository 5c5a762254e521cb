/** Chains and `_has`, within each other in any way, against walking the references of generated resources one by one. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { documentsOf, type FhirServer, idsOf, type Sample, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

/** References of the types here: parameter, element, and where it may lead. */
const references: Readonly<
  Record<string, readonly (readonly [code: string, element: string, targets: readonly string[]])[]>
> = {
  Patient: [
    ['organization', 'managingOrganization', ['Organization']],
    ['general-practitioner', 'generalPractitioner', ['Organization', 'Practitioner']],
  ],
  Organization: [['partof', 'partOf', ['Organization']]],
  Practitioner: [],
  Encounter: [
    ['subject', 'subject', ['Patient']],
    ['part-of', 'partOf', ['Encounter']],
  ],
  Observation: [
    ['subject', 'subject', ['Patient', 'Location']],
    ['encounter', 'encounter', ['Encounter']],
    ['performer', 'performer', ['Practitioner', 'Organization', 'Patient']],
    ['has-member', 'hasMember', ['Observation']],
  ],
}
const types = Object.keys(references)
const tags = ['red', 'blue', 'green']
const perType = 4
const ids = Array.from({ length: perType }, (_, index) => `x${index}`)

const resource = (resourceType: string, id: string): fc.Arbitrary<Sample> =>
  fc
    .record({
      tag: fc.constantFrom(...tags),
      pointing: fc.tuple(
        ...(references[resourceType] ?? []).map(([, element, targets]) =>
          fc
            .option(
              fc.tuple(fc.constantFrom(...targets.filter((each) => each in references)), fc.constantFrom(...ids)),
              { nil: undefined },
            )
            .map((to): [string, unknown] | undefined => to && [element, { reference: to.join('/') }]),
        ),
      ),
    })
    .map(({ tag, pointing }) => ({
      resourceType,
      id,
      meta: { tag: [{ code: tag }] },
      ...Object.fromEntries(
        pointing.filter((each) => each !== undefined).map(([element, to]) => [element, LISTS.has(element) ? [to] : to]),
      ),
    }))
const LISTS = new Set(['generalPractitioner', 'performer', 'hasMember'])

const world = fc.tuple(...types.flatMap((type) => ids.map((id) => resource(type, id))))

/** What is asked of a resource: a tag (or not one), of it or of what it points at or what points at it. */
type Asked =
  | { readonly kind: 'tag'; readonly tag: string; readonly not: boolean }
  | { readonly kind: 'chain'; readonly code: string; readonly target: string | undefined; readonly then: Asked }
  | { readonly kind: 'has'; readonly type: string; readonly code: string; readonly then: Asked }

function asked(type: string, depth: number): fc.Arbitrary<Asked> {
  const tag = fc.record({ kind: fc.constant('tag' as const), tag: fc.constantFrom(...tags), not: fc.boolean() })
  if (depth === 0) return tag
  const chains = (references[type] ?? []).flatMap(([code, , targets]) => {
    const known = targets.filter((each) => each in references)
    const named = known.map((target) => chain(code, target, target, depth))
    // Of a chain that names no type, all must understand the rest: a tag
    const open = fc.record({
      kind: fc.constant('chain' as const),
      code: fc.constant(code),
      target: fc.constant(undefined),
      then: tag,
    })
    return [...named, open]
  })
  const back = types.flatMap((other) =>
    (references[other] ?? [])
      .filter(([, , targets]) => targets.includes(type))
      .map(([code]) =>
        fc.record({
          kind: fc.constant('has' as const),
          type: fc.constant(other),
          code: fc.constant(code),
          then: asked(other, depth - 1),
        }),
      ),
  )
  return fc.oneof(tag, ...chains, ...back)
}

function chain(code: string, target: string, of: string, depth: number): fc.Arbitrary<Asked> {
  return fc.record({
    kind: fc.constant('chain' as const),
    code: fc.constant(code),
    target: fc.constant(target),
    then: asked(of, depth - 1),
  })
}

/** As it stands before the `=`, and the value behind. */
function written(ask: Asked): [name: string, value: string] {
  if (ask.kind === 'tag') return [ask.not ? '_tag:not' : '_tag', ask.tag]
  const [name, value] = written(ask.then)
  if (ask.kind === 'has') return [`_has:${ask.type}:${ask.code}:${name}`, value]
  return [`${ask.code}${ask.target === undefined ? '' : `:${ask.target}`}.${name}`, value]
}

function pointedAt(from: Sample, code: string): string[] {
  const element = references[from.resourceType]?.find(([each]) => each === code)?.[1] ?? ''
  return [from[element] ?? []].flat().map((each) => (each as { reference: string }).reference)
}

function fits(all: readonly Sample[], each: Sample, ask: Asked): boolean {
  if (ask.kind === 'tag')
    return (each['meta'] as { tag: { code: string }[] }).tag.some(({ code }) => code === ask.tag) !== ask.not
  const name = `${each.resourceType}/${each.id}`
  if (ask.kind === 'has') {
    return all.some(
      (other) =>
        other.resourceType === ask.type && pointedAt(other, ask.code).includes(name) && fits(all, other, ask.then),
    )
  }
  const ends = all.filter((other) => pointedAt(each, ask.code).includes(`${other.resourceType}/${other.id}`))
  return ends.some((end) => (ask.target === undefined || end.resourceType === ask.target) && fits(all, end, ask.then))
}

const question = fc
  .constantFrom(...types)
  .chain((type) =>
    fc.record({ type: fc.constant(type), asks: fc.array(asked(type, 3), { minLength: 1, maxLength: 2 }) }),
  )

test('a search finds what walking the references finds', async () => {
  let worlds = 0
  await fc.assert(
    fc.asyncProperty(world, fc.array(question, { minLength: 12, maxLength: 12 }), async (all, questions) => {
      const tenant = `w${worlds++}`
      await server.store.tenants.insertOne({ _id: tenant, instance: 'q', key: tenant, name: tenant })
      await server.store.resources.insertMany(all.map((each) => documentsOf(each, { tenant }).document))
      for (const { type, asks } of questions) {
        const query = asks.map((ask) => written(ask).join('=')).join('&')
        const { status, json, text } = await server.get(`/t/${tenant}/fhir/R4/${type}?${query}`)
        if (status !== 200) throw new Error(`${type}?${query}: ${text}`)
        const expected = all.filter((each) => each.resourceType === type && asks.every((ask) => fits(all, each, ask)))
        expect({ query: `${type}?${query}`, ids: idsOf(json).sort() }).toEqual({
          query: `${type}?${query}`,
          ids: expected.map(({ id }) => id).sort(),
        })
      }
    }),
    { numRuns: 12 },
  )
}, 120_000)
