/**
 * The laws of writes that come from FHIR: what was sent is in the rows, or beside them, or is refused with its place.
 * Discovered: every example of every mapping that takes updates, rows made from it, in three time zones.
 */
import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { alike, contains } from '../../src/mapping/alike.ts'
import { isObject, withBeside } from '../../src/mapping/beside.ts'
import type { Beside, Json } from '../../src/mapping/beside.ts'
import { MappingProblem, NotStorableError } from '../../src/mapping/errors.ts'
import type { Part, Rows } from '../../src/mapping/lens.ts'
import { listOf } from '../../src/mapping/mapping-file.ts'
import type { MappingData, RuleData } from '../../src/mapping/mapping-file.ts'
import { parseJson } from '../../src/r4/json.ts'
import { structureProblems } from '../../src/r4/structure.ts'
import { resourceOf } from '../support/generated.ts'
import { contextOf, examples, partsOf } from './examples.ts'
import type { Example } from './examples.ts'
import { generated } from './generated-rows.ts'

const all = examples()
const writable = all.filter(({ lens }) => lens.writes.updates)
const runs = { numRuns: 8 }

interface Update {
  readonly rows: Rows
  readonly result: Json
}

/** What the gateway does on an update, without its database; undefined when it is refused, with its place. */
function update(part: Part, example: Example, sent: Json): Update | undefined {
  const context = contextOf(example)
  const { lens, slot } = part
  try {
    const before = lens.get(part, context)
    const understood = lens.understand(slot, sent as unknown as Resource)
    const rows = lens.put(part, understood, context)
    const after = lens.get({ ...part, rows }, context)
    if (!after || !before) return undefined
    const beside = lens.settle(slot, understood, before, after)
    // As it is kept: JSON text
    const kept = beside && (parseJson(JSON.stringify(beside)) as Beside)
    const given = after as unknown as Json
    return { rows, result: kept ? withBeside(given, kept) : given }
  } catch (error) {
    if (error instanceof NotStorableError) {
      expect(error.path).not.toBe('')
      return undefined
    }
    if (error instanceof MappingProblem) return undefined
    throw error
  }
}

function current(part: Part, example: Example): Json | undefined {
  try {
    return part.lens.get(part, contextOf(example)) as Json | undefined
  } catch (error) {
    if (error instanceof MappingProblem) return undefined
    throw error
  }
}

/** Columns that rules of the mapping name, as `alias.column`; an `each` alias stands for the column of its array. */
function ownedColumns({ lens, system }: Example): Set<string> {
  const data = system.written.mappings.find(({ mapping }) => mapping === lens.name) as MappingData
  const rules = [...data.rules, ...Object.values(data.split ?? {}).flatMap((part) => part.rules)]
  const fields = rules.flatMap(({ field, fields: many }: RuleData) => [...listOf(field), ...(many ?? [])])
  return new Set(
    [...fields, ...Object.values(data.source.each ?? {})].map((text) => text.split('.').slice(0, 2).join('.')),
  )
}

function changedColumns(before: Rows, after: Rows, elements: string | undefined): string[] {
  return Object.keys(before)
    .filter((alias) => alias !== elements && before[alias] !== after[alias])
    .flatMap((alias) => {
      const [one, other] = [before[alias] as Json, after[alias] as Json]
      const names = new Set([...Object.keys(one), ...Object.keys(other)])
      return [...names].filter((name) => one[name] !== other[name]).map((name) => `${alias}.${name}`)
    })
}

/** A link to a file is stored, and goes out as the address of a Binary (entities G12). */
function withoutLinks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLinks)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([name]) => name !== 'url' || 'valueString' in value)
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutLinks(inner)]))
}

function expectNothingLost(sent: Json, before: Json, result: Json): void {
  const lost = Object.keys(sent).filter(
    (name) =>
      !contains({ it: withoutLinks(result[name]) }, { it: withoutLinks(sent[name]) }) &&
      !alike(sent[name], before[name]),
  )
  expect(lost.map((name) => [name, sent[name], result[name]])).toEqual([])
}

/** Without the lens, so that a failure prints the rows alone. */
function made(example: Example): fc.Arbitrary<Pick<Example, 'collections' | 'timeZone'>> {
  return generated(example, all).map(({ collections, timeZone }) => ({ collections, timeZone }))
}

const own = fc.record({
  url: fc.constantFrom('urn:own:a', 'urn:own:b'),
  valueString: fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
})

describe.each(writable.map((example) => [example.name, example] as const))('%s', (_name, example) => {
  test('what no rule owns is given back, and touches no column', () => {
    fc.assert(
      fc.property(made(example), fc.array(own, { minLength: 1, maxLength: 2 }), (rows, extensions) => {
        const one = { ...example, ...rows }
        for (const part of partsOf(one)) {
          const before = current(part, one)
          if (!before) continue
          const tag = [{ system: 'urn:own', code: 'x' }]
          const meta = { ...(before['meta'] as Json), tag: [...listOf((before['meta'] as Json)['tag']), ...tag] }
          const sent = { ...before, meta, extension: [...listOf(before['extension']), ...extensions] }
          const updated = update(part, one, sent)
          expect(updated?.rows).toBe(part.rows)
          expectNothingLost(sent, before, updated?.result ?? {})
        }
      }),
      runs,
    )
  })

  test('some elements of its type are stored, kept or refused, twice the same, and no other column changes', () => {
    fc.assert(
      fc.property(made(example), resourceOf(example.lens.type), fc.nat(200), (rows, other, choice) => {
        const { resourceType: _type, meta: _meta, contained: _contained, ...elements } = other
        const names = Object.keys(elements)
        const name = (names[choice % names.length] ?? 'language').replace(/^_/, '')
        expectLaws({ ...example, ...rows }, (before) => ({ ...before, ...memberOf(elements, name) }))
      }),
      runs,
    )
  })

  test('a whole resource of its type is stored and kept with all it has, or refused', () => {
    fc.assert(
      fc.property(
        made(example),
        resourceOf(example.lens.type),
        (rows, { resourceType: _type, meta: _meta, ...elements }) => {
          expectLaws({ ...example, ...rows }, ({ resourceType, id, meta, identifier }) => ({
            resourceType,
            id,
            meta,
            ...elements,
            // Those that the gateway gives stay as they are, and what else is sent with them is not said to be lost
            ...(identifier !== undefined && { identifier }),
          }))
        },
      ),
      runs,
    )
  })
})

/** An element with what stands beside it, as one of a choice. */
function memberOf(elements: Json, name: string): Json {
  return Object.fromEntries(Object.entries(elements).filter(([each]) => each === name || each === `_${name}`))
}

function expectLaws(example: Example, change: (before: Json) => Json): void {
  const columns = ownedColumns(example)
  for (const part of partsOf(example)) {
    const before = current(part, example)
    if (!before) continue
    const sent = change(before)
    if (structureProblems({ ...sent, resourceType: example.lens.type }).length > 0) continue
    const updated = update(part, example, sent)
    if (!updated) continue
    expectNothingLost(sent, before, updated.result)
    const again = update({ ...part, rows: updated.rows }, example, sent)
    if (again) expect(again.rows).toEqual(updated.rows)
    const changed = changedColumns(part.rows, updated.rows, example.lens.each?.alias)
    expect(changed.filter((column) => !columns.has(column))).toEqual([])
  }
}

test('an element that was not sent takes nothing from another of its column, however often that one is sent', () => {
  const example = all.find(({ name }) => name === 'qivr/allergy.reaction') as Example
  const { reaction: _reaction, ...rest } = current(partsOf(example)[0] as Part, example) as Json
  const sent = { ...rest, criticality: 'low', reaction: [{ manifestation: [{ text: 'Rash' }] }] }
  const [part] = partsOf(example) as [Part]
  const first = update(part, example, sent)
  const second = first && update({ ...part, rows: first.rows }, example, sent)
  expect(first?.result).toMatchObject({ criticality: 'low' })
  expect(second?.rows).toEqual(first?.rows)
})
