import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { deadEvents, sendAgain } from '../../../src/store/subscription-events.ts'
import type { Answering, Heard, Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import type { Notified, SubscriptionServer } from '../../support/subscription-server.ts'
import { notifiedIn, startSubscriptionServer, subscriptionTo, until } from '../../support/subscription-server.ts'

let hub: SubscriptionServer
const receivers: Receiver[] = []

beforeAll(async () => {
  hub = await startSubscriptionServer()
  hub.startWorkers()
})

afterEach(async () => {
  await hub.server.store.subscriptions.updateMany({}, { $set: { state: 'off' } })
  for (const each of receivers.splice(0)) await each.stop()
})

afterAll(() => hub.stop())

async function listening(answer?: Answering): Promise<Receiver> {
  const made = await receiver(answer)
  receivers.push(made)
  return made
}

async function subscribe(body: object): Promise<string> {
  const { status, json, text } = await hub.server.send('POST', 'Subscription', body)
  if (status !== 201) throw new Error(text)
  return (json as unknown as { id: string }).id
}

async function report(text: string): Promise<string> {
  const body = { resourceType: 'DiagnosticReport', status: 'final', code: { text }, subject: { display: 'A' } }
  const { json } = await hub.server.send('POST', 'DiagnosticReport', body)
  return (json as unknown as { id: string }).id
}

async function statusOf(id: string): Promise<string> {
  return ((await hub.server.get(`Subscription/${id}`)).json as unknown as { status: string }).status
}

const told = ({ heard }: Receiver): Notified[] => heard.map(({ body }) => notifiedIn(body))
const eventsOf = (hook: Receiver): Notified[] => told(hook).filter(({ type }) => type === 'event-notification')
const numbersOf = (hook: Receiver): number[] => eventsOf(hook).flatMap(({ numbers }) => numbers)

test('it is requested, greeted and active, and the receiver is called with its headers', async () => {
  const hook = await listening()
  const header = ['Authorization: Bearer s3cret', 'X-Clinic: one']
  const { json, status } = await hub.server.send(
    'POST',
    'Subscription',
    subscriptionTo('report-changed', `${hook.url}/hook`, { channel: { header } }),
  )
  expect(status).toBe(201)
  expect(json).toMatchObject({ status: 'requested', channel: { header: expect.not.arrayContaining(header) } })
  const { id } = json as unknown as { id: string }
  await until(async () => (await statusOf(id)) === 'active')
  expect(hook.heard.map(({ url, method }) => `${method} ${url}`)).toEqual(['POST /hook'])
  expect(hook.heard[0]?.headers).toMatchObject({
    authorization: 'Bearer s3cret',
    'x-clinic': 'one',
    'content-type': 'application/fhir+json',
  })
  expect(told(hook)).toEqual([
    { type: 'handshake', status: 'requested', count: 0, numbers: [], focuses: [], entries: [] },
  ])
  const kept = await hub.server.store.subscriptions.findOne({ _id: `default/Subscription/${id}` })
  expect(JSON.stringify(kept)).not.toContain('s3cret')
  const versions = await hub.server.store.versions.find({ tt: 'default/Subscription' }).toArray()
  expect(JSON.stringify(versions)).not.toContain('s3cret')
})

test('each content says as much as it should', async () => {
  const hooks = new Map<string, Receiver>()
  for (const content of ['empty', 'id-only', 'full-resource']) {
    const hook = await listening()
    hooks.set(content, hook)
    await subscribe(subscriptionTo('report-changed', hook.url, { content }))
  }
  const id = await report('a')
  for (const hook of hooks.values()) await until(() => eventsOf(hook).length === 1)
  const [empty, idOnly, full] = [...hooks.values()].map((hook) => eventsOf(hook)[0])
  expect(empty).toMatchObject({ count: 1, numbers: [1], focuses: [], entries: [] })
  expect(idOnly).toMatchObject({ numbers: [1], focuses: [`DiagnosticReport/${id}`] })
  expect(idOnly?.entries).toEqual([
    {
      fullUrl: `${hub.server.origin}/fhir/R4/DiagnosticReport/${id}`,
      request: { method: 'POST', url: 'DiagnosticReport' },
      response: { status: '201' },
    },
  ])
  expect(full?.entries[0]?.resource).toMatchObject({ id, code: { text: 'a' }, meta: { versionId: '1' } })
})

test('a receiver that was down misses nothing, in order, and $events tells what was missed', async () => {
  let isDown = false
  const hook = await listening((response) => response.writeHead(isDown ? 503 : 200).end())
  const id = await subscribe(subscriptionTo('report-changed', hook.url))
  await until(async () => (await statusOf(id)) === 'active')
  isDown = true
  const reports = []
  for (const text of ['1', '2', '3', '4', '5']) reports.push(await report(text))
  await until(async () => (await statusOf(id)) === 'error')
  const { json } = await hub.server.get(`Subscription/${id}/$status`)
  expect(JSON.stringify(json)).toContain('The receiver answered 503.')
  await until(async () => notifiedIn((await hub.server.get(`Subscription/${id}/$events`)).text).numbers.length === 5)
  const missed = await hub.server.get(`Subscription/${id}/$events?eventsSinceNumber=2&eventsUntilNumber=4`)
  expect(notifiedIn(missed.text)).toMatchObject({
    type: 'query-event',
    count: 5,
    numbers: [2, 3, 4],
    focuses: reports.slice(1, 4).map((each) => `DiagnosticReport/${each}`),
  })
  const before = hook.heard.length
  isDown = false
  await until(async () => (await statusOf(id)) === 'active')
  const after = hook.heard.slice(before).map(({ body }) => notifiedIn(body))
  expect(after.flatMap(({ numbers }) => numbers)).toEqual([1, 2, 3, 4, 5])
  expect(after.flatMap(({ focuses }) => focuses)).toEqual(reports.map((each) => `DiagnosticReport/${each}`))
})

test('many commits come in the order of their numbers, without gaps, and no more at once than was asked for', async () => {
  const hook = await listening()
  const extension = [
    {
      url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-max-count',
      valuePositiveInt: 7,
    },
  ]
  await subscribe(subscriptionTo('report-changed', hook.url, { channel: { extension } }))
  await Promise.all(Array.from({ length: 60 }, (_, index) => report(String(index))))
  await until(() => numbersOf(hook).length >= 60)
  expect(numbersOf(hook)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  expect(Math.max(...eventsOf(hook).map(({ numbers }) => numbers.length))).toBeLessThanOrEqual(7)
})

test('filters of a topic and criteria of R4 choose among changes, by what each version said', async () => {
  const [ofTopic, ofR4, resources] = [await listening(), await listening(), await listening()]
  await subscribe(subscriptionTo('report-changed', ofTopic.url, { filters: ['status:not=final'] }))
  const criteria = 'DiagnosticReport?status=amended'
  await subscribe({ ...subscriptionTo('report-changed', ofR4.url), criteria })
  const plain = { resourceType: 'Subscription', status: 'requested', reason: 'R4', criteria }
  const channel = { type: 'rest-hook', endpoint: `${resources.url}/in/`, payload: 'application/fhir+json' }
  await subscribe({ ...plain, channel })
  await subscribe({ ...plain, channel: { type: 'rest-hook', endpoint: `${resources.url}/ping` } })
  const id = await report('b')
  const path = `DiagnosticReport/${id}`
  const body = { resourceType: 'DiagnosticReport', id, code: { text: 'b' }, subject: { display: 'A' } }
  await hub.server.send('PUT', path, { ...body, status: 'amended' })
  await hub.server.send('PUT', path, { ...body, status: 'final' })
  await until(() => numbersOf(ofTopic).length + numbersOf(ofR4).length >= 2 && resources.heard.length >= 2)
  expect([numbersOf(ofTopic), numbersOf(ofR4)]).toEqual([[1], [1]])
  const byUrl = new Map<string, Heard>(resources.heard.map((each) => [`${each.method} ${each.url}`, each]))
  expect([...byUrl.keys()].sort()).toEqual(['POST /ping', `PUT /in/DiagnosticReport/${id}`])
  expect(byUrl.get('POST /ping')?.body).toBe('')
  expect(JSON.parse(byUrl.get(`PUT /in/DiagnosticReport/${id}`)?.body ?? '')).toMatchObject({ id, status: 'amended' })
})

test('a deletion is an event of a topic', async () => {
  const hook = await listening()
  await subscribe(subscriptionTo('report-changed', hook.url))
  const id = await report('c')
  await hub.server.send('DELETE', `DiagnosticReport/${id}`)
  await until(() => numbersOf(hook).length === 2)
  expect(eventsOf(hook).at(-1)?.entries.at(-1)).toMatchObject({
    request: { method: 'DELETE', url: `DiagnosticReport/${id}` },
  })
})

test('what a receiver refuses for good is set aside, holds up nothing, and can be sent again', async () => {
  let isPicky = true
  const hook = await listening((response, { body }) =>
    response.writeHead(isPicky && body.includes('poison') ? 422 : 200).end(),
  )
  const id = await subscribe(subscriptionTo('report-changed', hook.url, { content: 'full-resource' }))
  for (const text of ['d', 'poison', 'e']) await report(text)
  const name = `default/Subscription/${id}`
  const { store } = hub.server
  await until(async () => (await deadEvents(store, name)).length === 1 && numbersOf(hook).includes(3))
  expect((await deadEvents(store, name)).map(({ n, dead }) => [n, dead?.reason])).toEqual([
    [2, 'The receiver answered 422.'],
  ])
  isPicky = false
  expect(await sendAgain(store, name, undefined)).toBe(1)
  await until(async () => (await deadEvents(store, name)).length === 0)
  expect(eventsOf(hook).at(-1)?.numbers).toEqual([2])
  expect((await store.subscriptions.findOne({ _id: name }))?.sent).toBe(3)
}, 30_000)

test('off is off, and what happened meanwhile is no event', async () => {
  const hook = await listening()
  const id = await subscribe(subscriptionTo('report-changed', hook.url))
  await until(async () => (await statusOf(id)) === 'active')
  const { json } = await hub.server.get(`Subscription/${id}`)
  await hub.server.send('PUT', `Subscription/${id}`, { ...json, status: 'off' })
  await report('unheard')
  await until(async () => (await hub.server.store.outbox.countDocuments()) === 0)
  await hub.server.send('PUT', `Subscription/${id}`, { ...json, status: 'requested' })
  await until(async () => (await statusOf(id)) === 'active')
  await report('heard')
  await until(() => numbersOf(hook).length === 1)
  expect(told(hook).map(({ type }) => type)).toEqual(['handshake', 'handshake', 'event-notification'])
})

test('heartbeats come while nothing happens, and the end of a subscription is its end', async () => {
  const hook = await listening()
  const extension = [
    {
      url: 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-heartbeat-period',
      valueUnsignedInt: 1,
    },
  ]
  const body = subscriptionTo('report-changed', hook.url, { channel: { extension } })
  const id = await subscribe({ ...body, end: new Date(Date.now() + 5_000).toISOString() })
  await until(() => told(hook).some(({ type }) => type === 'heartbeat'))
  await until(async () => (await statusOf(id)) === 'off')
}, 30_000)

test('a receiver that is slow holds up nobody else', async () => {
  const waiting: (() => void)[] = []
  const slow = await listening((response) => void waiting.push(() => response.writeHead(200).end()))
  const hook = await listening()
  await subscribe(subscriptionTo('report-changed', slow.url))
  await until(() => waiting.length === 1)
  await subscribe(subscriptionTo('report-changed', hook.url))
  await report('f')
  await until(() => numbersOf(hook).length === 1)
  expect(eventsOf(slow)).toEqual([])
  for (const answer of waiting) answer()
})

test('deleted, nothing of it is left, and under the same id it begins anew', async () => {
  const hook = await listening()
  const id = await subscribe(subscriptionTo('report-changed', hook.url))
  await report('g')
  await until(() => numbersOf(hook).length === 1)
  await hub.server.send('DELETE', `Subscription/${id}`)
  const { store } = hub.server
  await until(async () => (await store.subscriptions.countDocuments({ _id: `default/Subscription/${id}` })) === 0)
  await until(async () => (await store.subscriptionEvents.countDocuments({ _id: new RegExp(id) })) === 0)
  await report('unheard')
  await until(async () => (await store.outbox.countDocuments()) === 0)
  await hub.server.send('PUT', `Subscription/${id}`, { ...subscriptionTo('report-changed', hook.url), id })
  await until(async () => (await statusOf(id)) === 'active')
  await report('h')
  await until(() => numbersOf(hook).length === 2)
  expect(numbersOf(hook)).toEqual([1, 1])
})
