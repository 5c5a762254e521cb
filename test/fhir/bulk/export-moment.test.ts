/** An export shows one moment, whatever happens between its kick-off and its last file. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { BulkServer, Manifest } from '../../support/bulk-server.ts'
import { linesIn, namesIn, startBulkServer } from '../../support/bulk-server.ts'

let bulk: BulkServer

beforeAll(async () => {
  bulk = await startBulkServer({ limits: { bulkFileResources: 2 } })
})

afterAll(() => bulk.stop())

beforeEach(async () => {
  const { resources, versions } = bulk.server.store
  await resources.deleteMany({})
  await versions.deleteMany({})
})

const patient = (id: string, gender = 'male'): { resourceType: string; id: string; gender: string } => ({
  ...{ resourceType: 'Patient', id, gender },
})

/** Asked for while nobody works; `meanwhile` happens before the first resource is read. */
async function exportAfter(path: string, meanwhile: () => Promise<void>): Promise<Manifest> {
  const status = await bulk.begin(path)
  await meanwhile()
  bulk.startWorker()
  const { text } = await bulk.ended(status)
  await bulk.stopWorker()
  return JSON.parse(text) as Manifest
}

async function genders({ output }: Manifest): Promise<Record<string, unknown>> {
  const lines = (await Promise.all(output.map((file) => linesIn(file)))).flat()
  return Object.fromEntries(lines.map(({ id, gender }) => [id, gender]))
}

test('what was changed, made or deleted after the kick-off is as it was, is not there, is still there', async () => {
  const { server } = bulk
  for (const id of ['a', 'b', 'c', 'd']) await server.put(patient(id))
  const manifest = await exportAfter('$export?_type=Patient', async () => {
    await server.put(patient('a', 'female'))
    await server.put(patient('a', 'other'))
    await server.put(patient('b'), { deleted: true })
    await server.put(patient('new'))
  })
  expect(await genders(manifest)).toEqual({ a: 'male', b: 'male', c: 'male', d: 'male' })
})

test('a search asks what a resource was then, not what it became', async () => {
  const { server } = bulk
  await server.put(patient('stays'))
  await server.put(patient('leaves'))
  await server.put(patient('goes'))
  await server.put(patient('comes', 'female'))
  const manifest = await exportAfter('$export?_type=Patient&_typeFilter=Patient%3Fgender%3Dmale', async () => {
    await server.put(patient('leaves', 'female'))
    await server.put(patient('goes'), { deleted: true })
    await server.put(patient('comes', 'male'))
  })
  expect(await genders(manifest)).toEqual({ stays: 'male', leaves: 'male', goes: 'male' })
})

test('_since gives what was changed after it, and tells what was deleted', async () => {
  const { server } = bulk
  const [before, since, after] = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z']
  for (const id of ['old', 'changed', 'deleted', 'long-deleted']) await server.put(patient(id), { at: before })
  await server.put(patient('long-deleted'), { at: before, deleted: true })
  await server.put(patient('exactly'), { at: since })
  await server.put(patient('changed', 'female'), { at: after })
  await server.put(patient('new'), { at: after })
  await server.put(patient('deleted'), { at: after, deleted: true })
  const manifest = await exportAfter(`$export?_type=Patient&_since=${since}`, async () => {
    await server.put(patient('new'), { deleted: true })
    await server.put(patient('old', 'female'))
  })
  expect(await genders(manifest)).toEqual({ changed: 'female', new: 'male' })
  const deletes = (await Promise.all((manifest.deleted ?? []).map((file) => linesIn(file)))).flat()
  expect(deletes).toEqual([
    {
      ...{ resourceType: 'Bundle', type: 'transaction' },
      entry: [{ request: { method: 'DELETE', url: 'Patient/deleted' } }],
    },
  ])
})

test('one export after the other by _since has every change, once', async () => {
  const { server } = bulk
  await server.put(patient('a'))
  const first = await exportAfter('$export?_type=Patient', () => server.put(patient('b')).then(() => undefined))
  const next = `$export?_type=Patient&_since=${first.transactionTime}`
  const second = await exportAfter(next, () => server.put(patient('a', 'female')).then(() => undefined))
  const third = await exportAfter(`$export?_type=Patient&_since=${second.transactionTime}`, () => Promise.resolve())
  expect(await genders(first)).toEqual({ a: 'male' })
  expect(await genders(second)).toEqual({ b: 'male' })
  expect(await genders(third)).toEqual({ a: 'female' })
})

test('a write that began before the kick-off and ends after it is waited for', async () => {
  const { server } = bulk
  const { store } = server
  await server.put(patient('early'))
  const session = store.client.startSession()
  session.startTransaction()
  const began = new Date()
  const stored = { ...patient('late'), meta: { versionId: '1', lastUpdated: began.toISOString() } }
  const common = { t: 'default', tt: 'default/Patient', v: 1, u: began, body: JSON.stringify(stored) }
  const _id = 'default/Patient/late'
  const keys = { k: [], d: [], n: [], o: {} }
  await store.versions.insertOne({ _id: `${_id}/0000000001`, ...common, method: 'PUT' }, { session })
  await store.resources.insertOne({ _id, ...common, deleted: false, hash: '', ...keys }, { session })
  const status = await bulk.begin('$export?_type=Patient')
  bulk.startWorker()
  await new Promise((resolve) => setTimeout(resolve, 1_800))
  expect((await server.get(status)).status).toBe(202)
  await session.commitTransaction()
  await session.endSession()
  const manifest = JSON.parse((await bulk.ended(status)).text) as Manifest
  await bulk.stopWorker()
  expect(await namesIn(manifest.output)).toEqual(['Patient/early', 'Patient/late'])
})
