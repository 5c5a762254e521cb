/** `isthmus worker`, as an operator watches it. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterAll, expect, test } from '@jest/globals'
import { MongoClient } from 'mongodb'
import { mongodbUri } from '../support/services.ts'
import { dropOwn, isthmus, ownVariables, run, stop } from './gateway.ts'

const variables = ownVariables()
afterAll(async () => {
  const client = await MongoClient.connect(mongodbUri())
  await dropOwn(client, variables)
  await client.close()
})

test('a worker that was named a port says there how it is, and nothing else', async () => {
  const worker = run('cli/isthmus.ts', ['worker'], { ...variables, ISTHMUS_WORKER_PORT: '0' })
  try {
    const [, url = ''] = await worker.line(/Probes: (http:\/\/127\.0\.0\.1:\d+)\//)
    await worker.line(/isthmus worker ready/)
    expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ status: 'live' })
    expect(await (await fetch(`${url}/health/ready`)).json()).toMatchObject({ mongodb: true, redis: true })
    const figures = await (await fetch(`${url}/metrics`)).text()
    for (const name of ['isthmus_owed', 'isthmus_messages_total', 'isthmus_relay_lag_seconds']) {
      expect(figures).toContain(`# TYPE ${name} `)
    }
    expect((await fetch(`${url}/fhir/R4/Patient`)).status).toBe(404)
  } finally {
    await stop(worker)
  }
  expect(await worker.ended).toMatchObject({ code: 0, err: '' })
}, 60_000)

test('one that cannot listen there says which variables to look at', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const { code, err } = await isthmus(['worker'], { ...variables, ISTHMUS_WORKER_PORT: String(port) })
  taken.close()
  expect([code, err]).toEqual([
    1,
    expect.stringContaining('check ISTHMUS_WORKER_HOST and ISTHMUS_WORKER_PORT.') as unknown,
  ])
}, 60_000)
