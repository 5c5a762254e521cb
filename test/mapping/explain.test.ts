/** Every element of every example is explained; a few of them word by word. */
import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { withBeside } from '../../src/mapping/beside.ts'
import type { Json } from '../../src/mapping/beside.ts'
import type { ElementLineage } from '../../src/mapping/explain.ts'
import { isRawNumber } from '../../src/r4/json.ts'
import { contextOf, examples, partsOf } from './examples.ts'
import type { Example } from './examples.ts'
import { generated } from './generated-rows.ts'

const all = examples()

/** The lineage of each resource the rows of an example give, as the resource stands. */
function explained(example: Example): { resource: Resource; lineage: readonly ElementLineage[] }[] {
  return partsOf(example).flatMap((part) => {
    const context = contextOf(example)
    const resource = part.lens.get(part, context)
    return resource ? [{ resource, lineage: part.lens.explain(part, resource, context) }] : []
  })
}

function lineageIn(name: string, path: string): ElementLineage | undefined {
  const example = all.find((each) => each.name === name) as Example
  return explained(example)[0]?.lineage.find((element) => element.path === path)
}

function primitives(value: unknown): number {
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return value === null ? 0 : 1
  return Object.values(value).reduce((sum: number, inner) => sum + primitives(inner), 0)
}

describe.each(all.map((example) => [example.name, example] as const))('%s', (_name, example) => {
  test('every element is explained, none by a client that wrote nothing', () => {
    for (const { resource, lineage } of explained(example)) {
      expect(lineage).toHaveLength(primitives(resource) - 1)
      expect(lineage.filter(({ origin }) => origin.kind === 'client')).toEqual([])
    }
  })
})

test('the elements of generated documents are explained by the same rules that give them', () => {
  const given = fc.constantFrom(...all).chain((example) => generated(example, all))
  fc.assert(
    fc.property(given, (example) => {
      for (const { lineage } of readable(example)) {
        expect(lineage.filter(({ origin }) => origin.kind === 'client')).toEqual([])
      }
    }),
    { numRuns: 200 },
  )
})

/** Generated rows may hold what no mapping can read: they give nothing to explain. */
function readable(example: Example): ReturnType<typeof explained> {
  try {
    return explained(example)
  } catch {
    return []
  }
}

test('a coded element names its column, its rule and the row of the code table', () => {
  expect(lineageIn('hms/patient.full', 'gender')).toEqual({
    path: 'gender',
    value: 'female',
    origin: {
      kind: 'column',
      rule: {
        text: '{ fhir: gender, field: u.gender, codec: code, table: gender }',
        file: 'mappings/hms/patient.yaml',
        line: expect.any(Number) as unknown,
        codec: 'code',
        direction: 'read-write',
      },
      columns: [{ system: 'hms', collection: 'users', keys: [expect.any(String) as unknown], column: 'gender' }],
      codes: [
        {
          table: 'gender',
          stored: 'female',
          code: 'female',
          file: 'mappings/hms/codes.yaml',
          line: expect.any(Number) as unknown,
        },
      ],
    },
  })
})

test('a discriminator is the mapping’s own word, an identifier of the row the gateway’s', () => {
  expect(lineageIn('hms/patient.full', 'telecom[0].system')?.origin.kind).toBe('constant')
  expect(lineageIn('hms/patient.full', 'telecom[0].value')?.origin.kind).toBe('column')
  for (const path of ['id', 'meta.source', 'identifier[0].value']) {
    expect(lineageIn('hms/patient.full', path)?.origin).toEqual({ kind: 'gateway' })
  }
})

test('an element of an array column is named with its place in the array', () => {
  const example = all.find(({ name }) => name === 'hms/medication-request.three') as Example
  const columns = explained(example).map(
    ({ lineage }) => lineage.find(({ path }) => path === 'medicationCodeableConcept.text')?.origin,
  )
  const second = columns[1]
  expect(second?.kind === 'column' && second.columns[0]?.column).toMatch(/^medicines\[1\]/)
})

test('what a client wrote beside the row is the client’s, the rest stays the row’s', () => {
  const example = all.find(({ name }) => name === 'hms/patient.full') as Example
  const [part] = partsOf(example)
  const context = contextOf(example)
  if (!part) throw new Error('the example gives nothing')
  const given = part.lens.get(part, context) as Resource
  const beside = {
    set: { photo: [{ url: 'https://example.org/p.png' }] },
    items: { telecom: { added: [{ system: 'fax', value: '1' }] } },
  }
  const stored = withBeside(given as unknown as Json, beside) as unknown as Resource
  const clients = part.lens.explain(part, stored, context).filter(({ origin }) => origin.kind === 'client')
  expect(clients.map(({ path }) => path.replace(/\d+/, 'n'))).toEqual([
    'telecom[n].system',
    'telecom[n].value',
    'photo[n].url',
  ])
})
