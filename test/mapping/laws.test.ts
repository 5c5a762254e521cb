/**
 * The laws of docs/design: get, GetPut, PutGet, put-put, untouched. Discovered: every example of every mapping, and
 * documents generated from it, with no test code per mapping. fast-check prints the failing seed.
 */
import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { MappingProblem, NotStorableError } from '../../src/mapping/errors.ts'
import type { Part, Rows } from '../../src/mapping/lens.ts'
import { validationErrors } from '../support/validate.ts'
import { contextOf, examples, loaded, partsOf } from './examples.ts'
import type { Example } from './examples.ts'
import { generated } from './generated-rows.ts'

const all = examples()
const runs = { numRuns: 40 }

test('every mapping loads without a mistake', () => {
  expect(loaded.errors.map(({ file, line, message }) => `${file}:${String(line)}: ${message}`)).toEqual([])
})

test('every mapping has an example', () => {
  const shown = new Set(all.map(({ lens }) => lens.name))
  const bare = loaded.systems.flatMap(({ lenses }) => lenses).filter(({ name }) => !shown.has(name))
  expect(bare.map(({ name }) => name)).toEqual([])
})

describe.each(all.map((example) => [example.name, example] as const))('%s', (_name, example) => {
  test('get: the row reads as its FHIR twin', () => {
    const made = partsOf(example).flatMap((part) => get(part, example) ?? [])
    expect(made.map(plain)).toEqual(example.resources)
    expect(
      partsOf(example)
        .filter(({ gone }) => gone)
        .map(({ id }) => id),
    ).toEqual(example.gone)
  })

  test('get: the twin is valid R4', () => {
    for (const resource of example.resources) expect(validationErrors(resource)).toEqual([])
  })

  test('GetPut: writing back what was read changes nothing', () => {
    for (const part of partsOf(example)) getPut(part, example)
  })

  test('the laws hold for generated documents', () => {
    fc.assert(
      fc.property(generated(example, all), generated(example, all), (one, other) => {
        const [parts, others] = [readable(one), readable(other)]
        for (const part of parts) {
          getPut(part, one)
          const twin = others.find(({ id }) => id === part.id)
          if (twin) putLaws(part, get(twin, other) as Resource, one)
        }
      }),
      runs,
    )
  })
})

/** The parts that give a resource: unreadable rows are problems, not resources. */
function readable(example: Example): readonly Part[] {
  return partsOf(example).filter((part) => {
    try {
      return get(part, example) !== undefined
    } catch (error) {
      if (error instanceof MappingProblem) return false
      throw error
    }
  })
}

function getPut(part: Part, example: Example): void {
  const resource = get(part, example)
  if (resource) expect(part.lens.put(part, resource, contextOf(example))).toBe(part.rows)
}

function putLaws(part: Part, wanted: Resource, example: Example): void {
  const context = contextOf(example)
  let written: Rows
  try {
    written = part.lens.put(part, wanted, context)
  } catch (error) {
    if (error instanceof NotStorableError) return
    throw error
  }
  const after: Part = { ...part, rows: written }
  const again = part.lens.put(after, wanted, context)
  expect(again).toEqual(written)
  for (const alias of Object.keys(part.rows)) untouchedSecrets(part.rows[alias], written[alias])
}

/** A put adds no column and changes only columns that rules own: at least, it keeps every key. */
function untouchedSecrets(before: unknown, after: unknown): void {
  if (typeof before !== 'object' || before === null || Array.isArray(before)) return
  expect(Object.keys(after as object)).toEqual(expect.arrayContaining(Object.keys(before)))
}

function get(part: Part, example: Example): Resource | undefined {
  return part.lens.get(part, contextOf(example))
}

/** As it goes over the wire; exact decimals become numbers, as they are in the examples' YAML. */
function plain(resource: Resource): unknown {
  return JSON.parse(JSON.stringify(resource)) as unknown
}
