import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { searchKeys } from '../../src/r4/search-keys.ts'
import type { ResourceDocument } from '../../src/store/documents.ts'
import type { Clinic } from './clinic.ts'
import { bodyOf, openClinic, testPlan } from './clinic.ts'

let clinic: Clinic

beforeEach(async () => {
  clinic = await openClinic()
})

afterEach(async () => {
  await clinic.close()
})

test('a row becomes a resource, and its change the next version', async () => {
  await clinic.work()
  await clinic.table('people').insertOne({ id: 1, name: 'Ann', born: '1980-02-03', pin: '1234' })
  const first = await clinic.until('default/Patient/c-1', (found) => found !== null)
  expect(bodyOf(first)).toMatchObject({ birthDate: '1980-02-03', meta: { versionId: '1' }, name: [{ text: 'Ann' }] })
  await clinic.table('people').updateOne({ id: 1 }, { $set: { name: 'Anna' } })
  const second = await clinic.until('default/Patient/c-1', (found) => found?.v === 2)
  expect(bodyOf(second)).toMatchObject({ meta: { versionId: '2' }, name: [{ text: 'Anna' }] })
  expect(second?.u.getTime()).toBeGreaterThan(first?.u.getTime() ?? 0)
  const versions = await clinic.store.versions
    .find({ _id: /^default\/Patient\/c-1\// })
    .sort({ _id: 1 })
    .toArray()
  expect(versions.map(({ method, v }) => [method, v])).toEqual([
    ['POST', 1],
    ['PUT', 2],
  ])
  expect(versions[1]?.body).toBe(second?.body)
})

test('a secret column is neither kept nor does its change do anything', async () => {
  await clinic.work()
  await clinic.table('people').insertOne({ id: 1, name: 'Ann', pin: 'canary-4711' })
  await clinic.until('default/Patient/c-1', (found) => found !== null)
  await clinic.table('people').updateOne({ id: 1 }, { $set: { pin: 'canary-4712' } })
  await clinic.settle()
  expect(await clinic.store.versions.countDocuments({ _id: /^default\/Patient\/c-1\// })).toBe(1)
  const everything = await Promise.all(
    ['resources', 'versions', 'rows'].map((name) => clinic.store.db.collection(name).find().toArray()),
  )
  expect(JSON.stringify(everything)).not.toContain('canary')
})

test('a change that reads the same makes no version', async () => {
  await clinic.work()
  await clinic.table('people').insertOne({ id: 1, name: 'Ann' })
  await clinic.until('default/Patient/c-1', (found) => found !== null)
  await clinic.table('people').updateOne({ id: 1 }, { $set: { name: ' Ann ', hobby: 'chess' } })
  await clinic.settle()
  expect((await clinic.store.resources.findOne({ _id: 'default/Patient/c-1' }))?.v).toBe(1)
})

test('search keys are those of the content, whether they changed, or were written by who does not know of their hash', async () => {
  const _id = 'default/Patient/c-1'
  const keys = async (v: number): Promise<unknown> => {
    const found = await clinic.until(_id, (each) => each?.v === v)
    const { k, d, n, o } = found as ResourceDocument
    expect({ k, d, n, o }).toEqual(searchKeys(bodyOf(found)))
    return k
  }
  await clinic.work()
  await clinic.table('people').insertOne({ id: 1, name: 'Ann', account: 7 })
  const first = await keys(1)
  await clinic.table('people').updateOne({ id: 1 }, { $set: { name: 'ANN!' } })
  await keys(2)
  await clinic.table('people').updateOne({ id: 1 }, { $set: { name: 'Ann' } })
  expect(await keys(3)).toEqual(first)
  await clinic.store.resources.updateOne({ _id }, { $set: { v: 4, k: ['of another release'] } })
  await clinic.table('people').updateOne({ id: 1 }, { $set: { gone: new Date() } })
  await clinic.until(_id, (each) => each?.deleted === true)
  await clinic.table('people').updateOne({ id: 1 }, { $unset: { gone: 1 } })
  await keys(6)
  await clinic.store.resources.updateOne({ _id }, { $set: { v: 7, k: ['of another release'] } })
  await clinic.table('accounts').insertOne({ id: 7, phone: '' })
  await clinic.table('people').updateOne({ id: 1 }, { $set: { name: 'Anna' } })
  await keys(8)
})

test('a joined row is found whatever kind its key has, and its change shows', async () => {
  await clinic.work()
  await clinic.table('people').insertOne({ id: 1, name: 'Ann', account: '7' })
  await clinic.until('default/Patient/c-1', (found) => found !== null)
  await clinic.table('accounts').insertOne({ id: 7, phone: '555' })
  const joined = await clinic.until('default/Patient/c-1', (found) => found?.v === 2)
  expect(bodyOf(joined)['telecom']).toEqual([{ system: 'phone', value: '555' }])
  await clinic.table('accounts').updateOne({ id: 7 }, { $set: { phone: '556' } })
  await clinic.until('default/Patient/c-1', (found) => found?.body.includes('556') === true)
  await clinic.table('accounts').deleteOne({ id: 7 })
  const left = await clinic.until('default/Patient/c-1', (found) => found?.v === 4)
  expect(bodyOf(left)['telecom']).toBeUndefined()
})

test('a deleted row leaves a tombstone, and one that comes back goes on counting', async () => {
  await clinic.work()
  await clinic.table('people').insertOne({ id: 1, name: 'Ann' })
  await clinic.until('default/Patient/c-1', (found) => found !== null)
  await clinic.table('people').deleteOne({ id: 1 })
  const gone = await clinic.until('default/Patient/c-1', (found) => found?.deleted === true)
  expect(gone).toMatchObject({ v: 2, body: '', k: [], d: [], n: [] })
  await clinic.table('people').insertOne({ id: 1, name: 'Ann' })
  const back = await clinic.until('default/Patient/c-1', (found) => found?.deleted === false)
  expect(back?.v).toBe(3)
  const methods = (
    await clinic.store.versions
      .find({ _id: /^default\/Patient\/c-1\// })
      .sort({ _id: 1 })
      .toArray()
  ).map(({ method }) => method)
  expect(methods).toEqual(['POST', 'DELETE', 'PUT'])
})

test('a row that is marked deleted is gone, also when it was never seen alive', async () => {
  await clinic.table('people').insertOne({ id: 1, name: 'Ann', gone: new Date() })
  await clinic.work()
  const gone = await clinic.until('default/Patient/c-1', (found) => found !== null)
  expect(gone).toMatchObject({ v: 1, deleted: true })
  await clinic.table('people').updateOne({ id: 1 }, { $set: { gone: null } })
  await clinic.until('default/Patient/c-1', (found) => found?.v === 2 && !found.deleted)
})

test('a reference is literal exactly while its target is there, in whatever order the rows come', async () => {
  await clinic.work()
  await clinic.table('visits').insertOne({ id: 9, person: 1 })
  const waiting = await clinic.until('default/Encounter/c-9', (found) => found !== null)
  expect(bodyOf(waiting)['subject']).toEqual({
    type: 'Patient',
    identifier: { system: 'https://interop.example.org/sid/clinic/people', value: '1' },
  })
  await clinic.table('people').insertOne({ id: 1, name: 'Ann' })
  const literal = await clinic.until('default/Encounter/c-9', (found) => found?.v === 2)
  expect(bodyOf(literal)['subject']).toEqual({ reference: 'Patient/c-1' })
  await clinic.table('people').updateOne({ id: 1 }, { $set: { gone: true } })
  const logical = await clinic.until('default/Encounter/c-9', (found) => found?.v === 3)
  expect(bodyOf(logical)['subject']).toMatchObject({ type: 'Patient' })
})

test('a row that cannot be mapped is a problem, keeps its last good version, and stops nothing else', async () => {
  await clinic.work()
  await clinic.table('people').insertMany([
    { id: 1, name: 'Ann', born: '1980-02-03' },
    { id: 2, name: 'Bob', born: 'canary of old' },
  ])
  await clinic.until('default/Patient/c-1', (found) => found !== null)
  await clinic.table('people').updateOne({ id: 1 }, { $set: { born: 'last spring' } })
  await clinic.settle()
  const problems = await clinic.store.problems.find().sort({ key: 1 }).toArray()
  expect(problems).toMatchObject([
    { collection: 'people', key: '1', mapping: 'clinic/patient' },
    { collection: 'people', key: '2', mapping: 'clinic/patient' },
  ])
  expect(problems.map(({ rule }) => rule)).toEqual([
    expect.stringContaining('birthDate'),
    expect.stringContaining('birthDate'),
  ])
  expect(JSON.stringify(problems)).not.toMatch(/canary|spring/)
  expect((await clinic.store.resources.findOne({ _id: 'default/Patient/c-1' }))?.v).toBe(1)
  expect(await clinic.store.resources.findOne({ _id: 'default/Patient/c-2' })).toBeNull()
  await clinic.table('people').updateOne({ id: 2 }, { $set: { born: '1990-01-01' } })
  await clinic.until('default/Patient/c-2', (found) => found !== null)
  expect(await clinic.store.problems.distinct('key')).toEqual(['1'])
})

test('a reference never points at a resource that could not be made', async () => {
  await clinic.table('people').insertOne({ id: 1, name: 'Ann', born: 'never' })
  await clinic.table('visits').insertOne({ id: 9, person: 1 })
  await clinic.work()
  await clinic.settle()
  const visit = await clinic.store.resources.findOne({ _id: 'default/Encounter/c-9' })
  expect(bodyOf(visit)['subject']).toMatchObject({ type: 'Patient' })
})

test('a resource of several rows stays until the last of them goes', async () => {
  await clinic.work()
  await clinic.table('visits').insertMany([
    { id: 1, payer: 'kk' },
    { id: 2, payer: 'kk' },
  ])
  await clinic.until('default/Organization/c-kk', (found) => found !== null)
  await clinic.settle()
  await clinic.table('visits').deleteOne({ id: 1 })
  await clinic.settle()
  expect(await clinic.store.resources.findOne({ _id: 'default/Organization/c-kk' })).toMatchObject({
    deleted: false,
    v: 1,
  })
  await clinic.table('visits').updateOne({ id: 2 }, { $set: { payer: null } })
  await clinic.until('default/Organization/c-kk', (found) => found?.deleted === true)
})

test('of two rows with one key the first is served, the second is a problem until the first goes', async () => {
  await clinic.work()
  await clinic.table('people').insertOne({ id: 1, name: 'Ann' })
  await clinic.until('default/Patient/c-1', (found) => found !== null)
  await clinic.table('people').insertOne({ id: '1', name: 'Impostor' })
  await clinic.settle()
  expect(bodyOf(await clinic.store.resources.findOne({ _id: 'default/Patient/c-1' }))['name']).toEqual([
    { text: 'Ann' },
  ])
  expect(await clinic.store.problems.find().toArray()).toMatchObject([{ rule: 'key' }])
  await clinic.table('people').deleteOne({ id: 1 })
  await clinic.until('default/Patient/c-1', (found) => found?.body.includes('Impostor') === true)
  expect(await clinic.store.problems.countDocuments()).toBe(0)
  // No reader saw it gone: one transaction handed it over
  expect(await clinic.store.versions.countDocuments({ _id: /^default\/Patient\/c-1\//, method: 'DELETE' })).toBe(0)
})

test('a changed mapping projects its rows again, and only what reads otherwise gets a version', async () => {
  await clinic.table('people').insertMany([{ id: 1, name: 'Ann' }, { id: 2 }])
  await clinic.work()
  await clinic.settle()
  const changed = {
    'clinic/patient.yaml': `
mapping: clinic/patient
resource: Patient
source: { collection: people, alias: p, deleted: [p.gone] }
key: p.id
rules:
  - { fhir: "name[0].family", field: p.name }
not-mapped: { secret: [p.pin], elsewhere: [p.account, p.born] }
`,
    'clinic/columns.yaml': `
people: { id: key, account: text, name: text, born: date, pin: secret, gone: timestamp }
visits: { id: key, person: ref people, payer: text, minutes: integer }
`,
    'clinic/system.yaml': `
system: clinic
title: Clinic
id-prefix: c-
keys: { people: id, visits: id }
`,
  }
  await clinic.work(testPlan(clinic.databases, changed))
  const renamed = await clinic.until('default/Patient/c-1', (found) => found?.v === 2)
  expect(bodyOf(renamed)['name']).toEqual([{ family: 'Ann' }])
  await clinic.settle()
  expect((await clinic.store.resources.findOne({ _id: 'default/Patient/c-2' }))?.v).toBe(1)
})

test('a dropped collection takes its resources with it', async () => {
  await clinic.work()
  await clinic.table('visits').insertOne({ id: 9, minutes: 5 })
  await clinic.until('default/Encounter/c-9', (found) => found !== null)
  await clinic.table('visits').drop()
  await clinic.until('default/Encounter/c-9', (found) => found?.deleted === true)
  await clinic.table('visits').insertOne({ id: 9, minutes: 6 })
  await clinic.until('default/Encounter/c-9', (found) => found?.deleted === false)
})

test('a collection that nothing is mapped from gives nothing until it has the name of one that is', async () => {
  await clinic.work()
  await clinic.table('scraps').insertMany([{ id: 4, minutes: 5 }])
  await clinic.table('scraps').updateOne({ id: 4 }, { $set: { minutes: 6 } })
  await clinic.table('visits').insertOne({ id: 9, minutes: 5 })
  await clinic.until('default/Encounter/c-9', (found) => found !== null)
  expect(await clinic.store.rows.countDocuments({ collection: { $ne: 'visits' } })).toBe(0)
  await clinic.table('scraps').rename('visits', { dropTarget: true })
  await clinic.until('default/Encounter/c-9', (found) => found?.deleted === true)
  await clinic.until('default/Encounter/c-4', (found) => found?.deleted === false)
  await clinic.table('visits').rename('scraps')
  await clinic.until('default/Encounter/c-4', (found) => found?.deleted === true)
})

test('when changes were lost everything is compared again, also what went meanwhile', async () => {
  await clinic.work()
  await clinic.table('people').insertMany([
    { id: 1, name: 'Ann' },
    { id: 2, name: 'Bob' },
  ])
  await clinic.settle()
  await clinic.rest()
  await clinic.table('people').deleteOne({ id: 1 })
  await clinic.table('people').updateOne({ id: 2 }, { $set: { name: 'Rob' } })
  // The time in a token (digits 3 to 10) long before the oplog begins: as after a rollover
  const { token } = (await clinic.store.positions.findOne({})) as { token?: { _data: string } }
  const old = (token?._data ?? '').replace(/^82.{8}/, '8200000001')
  await clinic.store.positions.updateOne({}, { $set: { token: { _data: old } } })
  await clinic.work()
  await clinic.until('default/Patient/c-1', (found) => found?.deleted === true)
  await clinic.until('default/Patient/c-2', (found) => found?.body.includes('Rob') === true)
})

test('a change that very many rows lean on is worked off in pages', async () => {
  const people = Array.from({ length: 1_200 }, (_, index) => ({ id: index, account: 7, name: `n${index}` }))
  await clinic.table('people').insertMany(people)
  await clinic.work()
  await clinic.settle()
  await clinic.table('accounts').insertOne({ id: 7, phone: '555' })
  await clinic.until('default/Patient/c-1199', (found) => found?.v === 2)
  while ((await clinic.store.pending.countDocuments()) > 0) await clinic.settle()
  expect(await clinic.store.resources.countDocuments({ body: /555/ })).toBe(1_200)
  expect(await clinic.store.resources.countDocuments({ v: { $gt: 2 } })).toBe(0)
})

test('a row whose resource is too large to be stored is set aside, and what comes after it goes on', async () => {
  await clinic.table('people').insertMany([
    { id: 1, name: 'x'.repeat(16_777_000) },
    { id: 2, name: 'Bob' },
  ])
  await clinic.work()
  await clinic.until('default/Patient/c-2', (found) => found !== null)
  await clinic.settle()
  expect(await clinic.store.problems.find().toArray()).toMatchObject([{ collection: 'people', mapping: '' }])
  await clinic.table('people').updateOne({ id: 1 }, { $set: { name: 'Ann' } })
  await clinic.until('default/Patient/c-1', (found) => found !== null)
  expect(await clinic.store.problems.countDocuments()).toBe(0)
})
