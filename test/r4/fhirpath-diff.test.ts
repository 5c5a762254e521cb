/** patch(from, diff(from, to)) is to, whatever the two are. */
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fhirPathDiff } from '../../src/r4/fhirpath-diff.ts'
import { fhirPathPatch } from '../../src/r4/fhirpath-patch.ts'
import type { JsonValue } from '../../src/r4/json.ts'
import { parseJson, stringifyJson } from '../../src/r4/json.ts'
import { structureProblems } from '../../src/r4/structure.ts'
import { resourceOf } from '../support/generated.ts'

async function patched(from: JsonValue, to: JsonValue): Promise<JsonValue> {
  const parameter = fhirPathDiff(from, to)
  const parameters = { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }
  // What a value points at within its resource is not in the patch
  const problems = structureProblems(parameters).filter(({ message }) => !message.includes('contained'))
  expect(problems).toEqual([])
  return (await fhirPathPatch(parameters as unknown as JsonValue))(from)
}

/** Without order of members. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null || 'rawJSON' in value) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  )
}

/** Version and time are the server's. */
function versionless({ meta, ...elements }: { readonly meta?: object; readonly id: string }): JsonValue {
  const labels = Object.entries(meta ?? {}).filter(([name]) => !/^_?(versionId|lastUpdated)$/.test(name))
  const kept = labels.length > 0 ? { ...elements, meta: Object.fromEntries(labels) as object } : elements
  return parseJson(JSON.stringify(kept))
}

const TYPES = ['Patient', 'Observation', 'MedicationRequest', 'Encounter', 'Basic', 'Appointment'] as const

test.each(TYPES)('the difference of two %s turns the first into the second', async (type) => {
  const pair = fc.tuple(resourceOf(type), resourceOf(type))
  await fc.assert(
    fc.asyncProperty(pair, async ([one, other]) => {
      const [from, to] = [one, other].map((each) => versionless({ ...each, id: 'x' })) as [JsonValue, JsonValue]
      if (fhirPathDiff(from, to).length > 250) return
      expect(stringifyJson(sorted(await patched(from, to)))).toBe(stringifyJson(sorted(to)))
    }),
    { numRuns: 5, endOnFailure: true },
  )
})

const base = {
  resourceType: 'Patient',
  name: [{ family: 'A', given: ['x', 'y', 'z'] }, { family: 'B' }],
  telecom: [{ value: '1' }],
  deceasedBoolean: false,
}

test.each([
  ['nothing', {}, []],
  ['an element', { telecom: [{ value: '2' }] }, [['replace', 'Patient.telecom[0].value']]],
  ['a new element', { gender: 'male' }, [['add', 'Patient']]],
  ['one less', { telecom: undefined }, [['delete', 'Patient.telecom[0]']]],
  [
    'one in the middle of a list',
    { name: [{ family: 'A', given: ['x', 'z'] }, { family: 'B' }] },
    [['delete', 'Patient.name[0].given[1]']],
  ],
  ['one more at the beginning', { name: [{ family: 'N' }, ...base.name] }, [['insert', 'Patient.name']]],
  [
    'another type of a choice',
    { deceasedBoolean: undefined, deceasedDateTime: '2020' },
    [['replace', 'Patient.deceased']],
  ],
  [
    'one for another',
    { telecom: [{ rank: 1 }] },
    [
      ['add', 'Patient.telecom[0]'],
      ['delete', 'Patient.telecom[0].value'],
    ],
  ],
] as const)('%s is told by the operations it needs', async (_what, change, operations) => {
  const to = JSON.parse(JSON.stringify({ ...base, ...change })) as JsonValue
  const told = fhirPathDiff(base, to).map(({ part }) =>
    part?.slice(0, 2).flatMap((each) => Object.values(each).slice(1) as unknown[]),
  )
  expect(told).toEqual(operations)
  expect(await patched(base, to)).toEqual(to)
})

test('a decimal with other digits is another', async () => {
  const [from, to] = ['1.0', '1.00'].map((value) =>
    parseJson(`{"resourceType":"Observation","valueQuantity":{"value":${value}}}`),
  ) as [JsonValue, JsonValue]
  expect(stringifyJson(fhirPathDiff(from, to))).toContain('"valueDecimal":1.00')
  expect(stringifyJson(await patched(from, to))).toBe(stringifyJson(to))
})
