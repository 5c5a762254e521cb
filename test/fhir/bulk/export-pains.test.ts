/** What users of other servers report of exports, each as a test. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import type { BulkServer, BulkServerOptions, Manifest } from '../../support/bulk-server.ts'
import { ASYNC, namesIn, startBulkServer } from '../../support/bulk-server.ts'
import { redisUrl } from '../../support/services.ts'

let bulk: BulkServer

afterEach(() => bulk.stop())

async function start(limits: BulkServerOptions['limits'] = {}, patients = 3): Promise<string[]> {
  bulk = await startBulkServer({ limits })
  const ids = Array.from({ length: patients }, (_, index) => String(index).padStart(3, '0'))
  for (const id of ids) await bulk.server.put({ resourceType: 'Patient', id })
  return ids.map((id) => `Patient/${id}`)
}

async function manifestOf(status: string): Promise<Manifest> {
  const { status: code, text } = await bulk.ended(status)
  expect([code, text.slice(0, 20)]).toEqual([200, '{"transactionTime":"'])
  return JSON.parse(text) as Manifest
}

test('export dies on restart and stays active for ever: not here', async () => {
  const names = await start({ bulkFileResources: 5 }, 60)
  const status = await bulk.begin('$export?_type=Patient')
  // Each worker is stopped somewhere in it
  for (let round = 0; round < 3; round++) {
    bulk.startWorker()
    await sleep(round === 0 ? 1_150 : 60)
    await bulk.stopWorker()
  }
  bulk.startWorker()
  expect(await namesIn((await manifestOf(status)).output)).toEqual(names)
})

test('an export is not lost when Redis is emptied', async () => {
  const names = await start()
  const status = await bulk.begin('$export?_type=Patient')
  const redis = new Redis(redisUrl())
  const keys = await redis.keys(`isthmus-${bulk.server.store.db.databaseName}:*`)
  if (keys.length > 0) await redis.del(...keys)
  redis.disconnect()
  bulk.startWorker()
  expect(await namesIn((await manifestOf(status)).output)).toEqual(names)
})

test('an export that fails again and again ends, and says so', async () => {
  await start()
  const status = await bulk.begin('$export?_type=Patient')
  // What the rules of this export are can never be read
  await bulk.server.store.jobs.updateMany({}, { $set: { filters: { Patient: 'no JSON' }, tries: 9 } })
  bulk.startWorker()
  const { status: code, json } = await bulk.ended(status)
  expect([code, json.resourceType]).toEqual([500, 'OperationOutcome'])
  expect(json.issue?.[0]?.diagnostics).toContain('tried several times')
})

test('an export that nobody asks about is removed', async () => {
  await start({ bulkKeepSeconds: 1 })
  bulk.startWorker()
  const status = await bulk.begin('$export?_type=Patient')
  const { output } = await manifestOf(status)
  expect(bulk.stored()).not.toEqual([])
  await sleep(2_500)
  expect(bulk.stored()).toEqual([])
  expect(await bulk.server.store.jobs.countDocuments({})).toBe(0)
  for (const url of [status, output[0]?.url ?? '']) expect((await bulk.server.get(url)).status).toBe(404)
})

test('an export that is cancelled while it runs leaves nothing behind', async () => {
  await start({ bulkFileResources: 1 }, 400)
  const status = await bulk.begin('$export?_type=Patient')
  bulk.startWorker()
  while (bulk.stored().length < 5) await sleep(10)
  expect((await bulk.server.send('DELETE', status)).status).toBe(202)
  expect((await bulk.server.get(status)).status).toBe(404)
  while (bulk.stored().length > 0) await sleep(50)
})

test('one client cannot occupy all workers: beyond the limit an export is turned away until another is over', async () => {
  await start({ bulkJobs: 2 })
  const begun = [await bulk.begin('$export'), await bulk.begin('Patient/$export')]
  const third = await bulk.server.get('$export', { headers: ASYNC })
  expect([third.status, third.json.issue?.[0]?.code]).toEqual([429, 'throttled'])
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
  await bulk.server.send('DELETE', begun[0] ?? '')
  await bulk.begin('$export')
})
