import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { fhirPathPatch } from '../../src/r4/fhirpath-patch.ts'
import { parseJson, stringifyJson, type JsonValue } from '../../src/r4/json.ts'

interface Case {
  readonly name: string
  readonly input: JsonValue
  readonly patch: JsonValue
  readonly output?: JsonValue
}

const { cases } = JSON.parse(readFileSync('test/r4/fhirpath-patch-cases.json', 'utf8')) as { cases: Case[] }

describe('the cases of HL7', () => {
  test.each(cases.map((each) => [each.name, each] as const))('%s', async (_, { input, patch, output }) => {
    const before = JSON.stringify(input)
    const apply = await fhirPathPatch(patch)
    if (output === undefined) expect(() => apply(input)).toThrow('There is nothing at this path.')
    else expect(apply(input)).toEqual(output)
    expect(JSON.stringify(input)).toBe(before)
  })
})

type Parts = Record<string, object | string | number>

/** `{type: 'add', path: 'Patient', name: 'birthDate', value: {valueDate: '…'}}` as a parameter. */
function operation({ value, ...texts }: Parts): object {
  const part = Object.entries(texts).map(([name, text]) =>
    typeof text === 'number'
      ? { name, valueInteger: text }
      : { name, [name === 'type' ? 'valueCode' : 'valueString']: text },
  )
  return { name: 'operation', part: value === undefined ? part : [...part, { name: 'value', ...(value as object) }] }
}

async function patched(resource: string | object, ...operations: Parts[]): Promise<string> {
  const text = typeof resource === 'string' ? resource : JSON.stringify(resource)
  const patch = { resourceType: 'Parameters', parameter: operations.map(operation) }
  const apply = await fhirPathPatch(patch as unknown as JsonValue)
  return stringifyJson(apply(parseJson(text)))
}

const patient = {
  resourceType: 'Patient',
  name: [
    { use: 'official', given: ['Ann', 'Bo', 'Ann'] },
    { use: 'usual', given: ['Ann'] },
  ],
  birthDate: '1980-02-03',
  _birthDate: { extension: [{ url: 'http://x/t', valueDateTime: '1980-02-03T04:05:06Z' }] },
  deceasedBoolean: false,
}

test('equal texts are told apart by where they stand', async () => {
  const path = "Patient.name.where(use='official').given[2]"
  const one = await patched(patient, { type: 'replace', path, value: { valueString: 'Cy' } })
  expect(JSON.parse(one)).toMatchObject({ name: [{ given: ['Ann', 'Bo', 'Cy'] }, { given: ['Ann'] }] })
  const two = await patched(patient, {
    type: 'delete',
    path: "Patient.name.where(use='usual').given.where($this='Ann')",
  })
  expect(JSON.parse(two)).toMatchObject({ name: [{ given: ['Ann', 'Bo', 'Ann'] }, { use: 'usual' }] })
  expect(two).toContain('{"use":"usual"}')
})

test('what stands beside a primitive goes where it goes', async () => {
  const resource = {
    resourceType: 'Patient',
    name: [{ given: ['A', 'B'], _given: [null, { extension: [{ url: 'http://x', valueCode: 'b' }] }] }],
  }
  const moved = await patched(resource, { type: 'move', path: 'Patient.name.given', source: 1, destination: 0 })
  expect(JSON.parse(moved)).toEqual({
    resourceType: 'Patient',
    name: [{ given: ['B', 'A'], _given: [{ extension: [{ url: 'http://x', valueCode: 'b' }] }, null] }],
  })
  const deleted = await patched(resource, { type: 'delete', path: 'Patient.name.given[1]' })
  expect(JSON.parse(deleted)).toEqual({ resourceType: 'Patient', name: [{ given: ['A'] }] })
  const bare = await patched(patient, { type: 'delete', path: "Patient.birthDate.extension('http://x/t')" })
  expect(bare).not.toContain('_birthDate')
  const extended = await patched(patient, {
    ...{ type: 'add', path: 'Patient.birthDate', name: 'extension' },
    value: { valueExtension: { url: 'http://y', valueCode: 'y' } },
  })
  expect(JSON.parse(extended)).toMatchObject({ _birthDate: { extension: [{}, { url: 'http://y' }] } })
  const replaced = await patched(patient, { type: 'replace', path: 'Patient.birthDate', value: { valueDate: '1981' } })
  expect(replaced).toContain('"birthDate":"1981"')
  expect(replaced).not.toContain('_birthDate')
})

test('a choice takes the type of its value', async () => {
  const value = { valueDateTime: '2020' }
  const changed = await patched(patient, { type: 'replace', path: 'Patient.deceased', value })
  expect(JSON.parse(changed)).toMatchObject({ deceasedDateTime: '2020' })
  expect(changed).not.toContain('deceasedBoolean')
  const added = await patched({ resourceType: 'Patient' }, { type: 'add', path: 'Patient', name: 'deceased', value })
  expect(JSON.parse(added)).toMatchObject({ deceasedDateTime: '2020' })
  await expect(patched(patient, { type: 'add', path: 'Patient', name: 'deceased', value })).rejects.toThrow(
    'is there already',
  )
})

test('numbers keep their digits, those of the patch too', async () => {
  const text =
    '{"resourceType":"Observation","valueQuantity":{"value":1.50},"component":[{"valueQuantity":{"value":2.0}}]}'
  const patch = parseJson(
    `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Observation.component[0].value.value"},{"name":"value","valueDecimal":3.00}]}]}`,
  )
  expect(stringifyJson((await fhirPathPatch(patch))(parseJson(text)))).toBe(text.replace('2.0', '3.00'))
})

test('parts make what has no type of its own, repeated ones a list', async () => {
  const value = {
    part: [
      { name: 'relationship', valueCodeableConcept: { text: 'a' } },
      { name: 'relationship', valueCodeableConcept: { text: 'b' } },
      { name: 'name', valueHumanName: { given: ['N'] } },
    ],
  }
  const added = await patched({ resourceType: 'Patient' }, { type: 'add', path: 'Patient', name: 'contact', value })
  expect(JSON.parse(added)).toEqual({
    resourceType: 'Patient',
    contact: [{ relationship: [{ text: 'a' }, { text: 'b' }], name: { given: ['N'] } }],
  })
})

test.each<[Parts, RegExp]>([
  [{ type: 'delete', path: 'Patient.name' }, /more than one element/],
  [{ type: 'replace', path: 'Patient.gender', value: { valueCode: 'male' } }, /nothing at this path/],
  [{ type: 'replace', path: 'Patient', value: { valueString: 'x' } }, /whole resource is replaced by an update/],
  [{ type: 'add', path: 'Patient', name: 'nonsense', value: { valueString: 'x' } }, /has no element "nonsense"/],
  [{ type: 'add', path: 'Patient', name: 'birthDate', value: { valueDate: '1980' } }, /is there already/],
  [{ type: 'add', path: 'Patient', name: 'gender' }, /must have a value/],
  [{ type: 'insert', path: 'Patient.name', index: 3, value: { valueHumanName: {} } }, /whole number from 0 to 2/],
  [{ type: 'insert', path: 'Patient.name.given', index: 0, value: { valueString: 'x' } }, /one list, and all of it/],
  [{ type: 'insert', path: 'Patient.address', index: 0, value: { valueAddress: {} } }, /add the first one/],
  [{ type: 'move', path: 'Patient.name', source: 0, destination: 2 }, /whole number from 0 to 1/],
  [{ type: 'move', path: "Patient.name.where(use='usual')", source: 0, destination: 0 }, /one list, and all of it/],
  [{ type: 'delete', path: 'Patient.name[0' }, /no FHIRPath expression/],
  [{ type: 'delete', path: "Patient.name.where(family.matches('(a+)+'))" }, /no function "matches"/],
  [{ type: 'delete', path: 'Patient.descendants()' }, /no function "descendants"/],
  [{ type: 'delete', path: "'Ann'" }, /a value, not an element/],
  [{ type: 'delete', path: 'Patient'.padEnd(1001) }, /at most 1000 characters/],
  [{ type: 'delete', path: 'Patient.name.where(given.where(name.where(a=b)).exists())' }, /nested too deep/],
])('%j is refused with its reason', async (parts, reason) => {
  await expect(patched(patient, parts)).rejects.toThrow(reason)
  await expect(patched(patient, parts)).rejects.toMatchObject({ expression: 'Parameters.parameter[0]' })
})

test.each([
  [{ resourceType: 'Patient' }, 'is a Parameters resource'],
  [null, 'is a Parameters resource'],
  [{ resourceType: 'Parameters', parameter: [{ name: 'other' }] }, 'is an "operation"'],
  [{ resourceType: 'Parameters', parameter: [operation({ type: 'upsert', path: 'Patient' })] }, 'one of add, insert'],
  [{ resourceType: 'Parameters', parameter: [operation({ type: 'add' })] }, 'path'],
  [{ resourceType: 'Parameters', parameter: Array(251).fill(operation({ type: 'add', path: 'x' })) }, 'at most 250'],
])('what is no patch is not read (%#)', async (patch, reason) => {
  await expect(fhirPathPatch(patch as unknown as JsonValue)).rejects.toThrow(reason)
})
