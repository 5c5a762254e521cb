/** FHIRPath Patches of mapped resources, over HTTP: the columns change that the paths name, or nothing does. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { SourceServer } from '../support/source-server.ts'
import { changedColumns } from '../support/source-server.ts'
import { countAll, loadPatient, rawPatient, startWard } from './ward.ts'
import type { PatientRows } from './ward.ts'

let ward: SourceServer
let rows: PatientRows
beforeAll(async () => {
  ward = await startWard()
  rows = await loadPatient(ward)
})
afterAll(() => ward.stop())

interface Change {
  readonly type: 'add' | 'replace' | 'delete'
  readonly path: string
  readonly name?: string
  readonly value?: object
}

const patched = (...changes: readonly Change[]) => {
  const parameter = changes.map(({ type, path, name, value }) => ({
    name: 'operation',
    part: [
      { name: 'type', valueCode: type },
      { name: 'path', valueString: path },
      ...(name === undefined ? [] : [{ name: 'name', valueString: name }]),
      ...(value === undefined ? [] : [{ name: 'value', ...value }]),
    ],
  }))
  const headers = { 'Content-Type': 'application/fhir+json' }
  return ward.send('PATCH', rows.reference, { resourceType: 'Parameters', parameter }, headers)
}

test('what a path names is written into its column, a part’s too, and what no rule owns is kept beside', async () => {
  const before = await rawPatient(ward, rows)
  const answer = await patched(
    {
      type: 'replace',
      path: "Patient.telecom.where(system = 'phone').value",
      value: { valueString: '+1 415 555 0100' },
    },
    { type: 'replace', path: 'Patient.birthDate', value: { valueDate: '1981-05-06' } },
    { type: 'add', path: 'Patient', name: 'photo', value: { valueAttachment: { title: 'portrait' } } },
  )
  expect(answer.status).toBe(200)
  const after = await rawPatient(ward, rows)
  expect(changedColumns(before['accounts'], after['accounts'])).toEqual({
    phone: '+1 415 555 0100',
    born: '1981-05-06',
    updated: expect.any(String) as unknown,
  })
  expect(changedColumns(before['patients'], after['patients'])).toEqual({})
  await ward.settle()
  const resource = await ward.read(rows.reference)
  expect(resource).toMatchObject({ birthDate: '1981-05-06', photo: [{ title: 'portrait' }] })
  expect(resource.meta.versionId).toBe('2')
})

test('what is deleted empties its column', async () => {
  const answer = await patched({ type: 'delete', path: 'Patient.birthDate' })
  expect(answer.status).toBe(200)
  const { accounts } = await rawPatient(ward, rows)
  expect(accounts?.['born'] ?? null).toBeNull()
  expect(await ward.read(rows.reference)).not.toHaveProperty('birthDate')
})

test.each<[string, Change, string]>([
  [
    'a date that the column cannot hold',
    { type: 'add', path: 'Patient', name: 'birthDate', value: { valueDate: '1990-02' } },
    'Patient.birthDate',
  ],
  [
    'a code that the table has not',
    { type: 'replace', path: 'Patient.gender', value: { valueCode: 'unknown' } },
    'Patient.gender',
  ],
  [
    'what the mapping says for all',
    { type: 'replace', path: 'Patient.active', value: { valueBoolean: false } },
    'Patient.active',
  ],
  [
    'what the gateway computes',
    { type: 'replace', path: 'Patient.meta.source', value: { valueUri: 'urn:me' } },
    'Patient.meta.source',
  ],
  ['what must be there', { type: 'delete', path: "Patient.telecom.where(system = 'email').value" }, 'Patient.telecom'],
])('%s is 422 with its place, and nothing is written', async (_what, change, place) => {
  const before = [await rawPatient(ward, rows), await countAll(ward), (await ward.get(rows.reference)).text]
  const good: Change = { type: 'replace', path: 'Patient.name.given[0]', value: { valueString: 'Never' } }
  const { status, json } = await patched(good, change)
  expect([status, json.issue?.[0]?.expression?.[0]]).toEqual([422, expect.stringContaining(place)])
  expect([await rawPatient(ward, rows), await countAll(ward), (await ward.get(rows.reference)).text]).toEqual(before)
})
