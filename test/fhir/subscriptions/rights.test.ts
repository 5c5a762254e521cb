import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { forget } from '../../../src/store/restrictions.ts'
import { bearer, callersOf } from '../../support/callers.ts'
import type { Sample } from '../../support/fhir-server.ts'
import type { Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import type { SubscriptionServer } from '../../support/subscription-server.ts'
import { notifiedIn, startSubscriptionServer, subscriptionTo, until } from '../../support/subscription-server.ts'

const SCOPE = 'system/Subscription.cruds system/DiagnosticReport.rs'
let hub: SubscriptionServer
let hook: Receiver

beforeAll(async () => {
  const tokens = { ehr: { scope: SCOPE }, other: { scope: SCOPE }, elsewhere: { tenant: 'north', scope: SCOPE } }
  hub = await startSubscriptionServer({ callerOf: callersOf(tokens), isAuthorized: true })
  hub.startWorkers()
  hook = await receiver()
  await hub.server.store.tenants.insertOne({ _id: 'north', instance: 'qivr', key: '1', name: 'North' })
  for (const [_id, t] of [
    ['ehr', 'default'],
    ['other', 'default'],
    ['elsewhere', 'north'],
  ] as const) {
    await hub.server.store.clients.insertOne({
      ...{ _id, t, name: _id, kind: 'symmetric', state: 'approved', redirectUris: [], scope: SCOPE },
      ...{ grants: ['client_credentials'], secrets: [], verified: true, native: false, introspects: false },
      ...{ created: new Date(), by: 'test' },
    })
  }
})

afterEach(async () => {
  await hub.server.store.subscriptions.updateMany({}, { $set: { state: 'off' } })
})

afterAll(async () => {
  await hook.stop()
  await hub.stop()
})

async function subscribe(name: string, base = '/fhir/R4', path = name): Promise<string> {
  const body = subscriptionTo('report-changed', `${hook.url}/${path}`)
  const { json, text, status } = await hub.server.send('POST', `${base}/Subscription`, body, bearer(name).headers)
  if (status !== 201) throw new Error(text)
  return (json as unknown as { id: string }).id
}

/** By somebody who may do everything. */
async function report(more: object = {}, base = '/fhir/R4'): Promise<string> {
  const body = { resourceType: 'DiagnosticReport', status: 'final', code: { text: 'a' }, subject: { display: 'A' } }
  const { json } = await hub.server.send('POST', `${base}/DiagnosticReport`, { ...body, ...more })
  return (json as unknown as Sample).id
}

const numbersAt = (path: string): number[] =>
  hook.heard.filter(({ url }) => url === `/${path}`).flatMap(({ body }) => notifiedIn(body).numbers)

const stateOf = async (id: string): Promise<unknown> => {
  const found = await hub.server.store.subscriptions.findOne({ _id: `default/Subscription/${id}` })
  return found && { state: found.state, revoked: found.revoked === true }
}

const relayed = (): Promise<void> => until(async () => (await hub.server.store.outbox.countDocuments()) === 0)

test('a Subscription is found by its creator, and by nobody else of the same scopes', async () => {
  const id = await subscribe('ehr')
  expect((await hub.server.get(`Subscription/${id}`, bearer('ehr'))).status).toBe(200)
  for (const path of ['', '/_history', '/_history/1', '/$status', '/$events']) {
    expect((await hub.server.get(`Subscription/${id}${path}`, bearer('other'))).status).toBe(404)
  }
  const listed = await hub.server.get('Subscription?_total=accurate', bearer('other'))
  expect(listed.json.total).toBe(0)
  expect((await hub.server.get('Subscription/$status', bearer('other'))).json.total).toBe(0)
  const { json } = await hub.server.get(`Subscription/${id}`, bearer('ehr'))
  const taken = await hub.server.send('PUT', `Subscription/${id}`, json, bearer('other').headers)
  expect(taken.status).toBe(404)
})

test('what may not be seen is no event and takes no number', async () => {
  await subscribe('ehr', '/fhir/R4', 'hidden')
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }]
  const ids = [await report(), await report({ meta: { security } }), await report()]
  await until(() => numbersAt('hidden').length === 2)
  await relayed()
  expect(numbersAt('hidden')).toEqual([1, 2])
  expect(hook.heard.some(({ body }) => body.includes(ids[1] ?? ''))).toBe(false)
})

test('another tenant hears nothing', async () => {
  await subscribe('elsewhere', '/t/north/fhir/R4')
  await subscribe('ehr', '/fhir/R4', 'here')
  await report()
  const own = await report({}, '/t/north/fhir/R4')
  await until(() => numbersAt('here').length === 1 && numbersAt('elsewhere').length === 1)
  await relayed()
  expect(numbersAt('elsewhere')).toEqual([1])
  expect(hook.heard.find(({ url, body }) => url === '/elsewhere' && body.includes(own))).toBeDefined()
})

test('what a patient denies after the event and before it is sent has a number, and nothing else', async () => {
  const id = await subscribe('ehr', '/fhir/R4', 'denied')
  await until(() => hook.heard.some(({ url }) => url === '/denied'))
  await hub.stopWorkers()
  await hub.server.send('PUT', 'Patient/p1', { resourceType: 'Patient', id: 'p1' })
  const about = await report({ subject: { reference: 'Patient/p1' } })
  const { store } = hub.server
  const [version] = await store.versions.find({ _id: new RegExp(about) }).toArray()
  const event = { n: 1, at: new Date(), about: `default/DiagnosticReport/${about}`, v: version?.v ?? 1 }
  await store.subscriptionEvents.insertOne({ _id: `default/Subscription/${id}/0000000001`, ...event, method: 'POST' })
  await store.counters.insertOne({ _id: `subscription default/Subscription/${id}`, n: 1 })
  await store.outbox.deleteMany({})
  const consent = {
    ...{ resourceType: 'Consent', status: 'active', patient: { reference: 'Patient/p1' } },
    ...{ scope: { coding: [{ code: 'patient-privacy' }] }, category: [{ coding: [{ code: '59284-0' }] }] },
    ...{ policyRule: { coding: [{ code: 'OPTOUT' }] }, provision: { type: 'deny' } },
  }
  expect((await hub.server.send('POST', 'Consent', consent)).status).toBe(201)
  forget(store, 'default')
  hub.startWorkers()
  await until(() => numbersAt('denied').length === 1)
  expect(hook.heard.some(({ body }) => body.includes(about))).toBe(false)
})

test('rights that are gone end it, and nothing more is sent', async () => {
  const id = await subscribe('other', '/fhir/R4', 'revoked')
  await report()
  await until(() => numbersAt('revoked').length === 1)
  await hub.server.store.clients.updateOne({ _id: 'other' }, { $set: { state: 'suspended' } })
  await report()
  await until(async () => JSON.stringify(await stateOf(id)) === JSON.stringify({ state: 'error', revoked: true }))
  await until(async () => {
    const { json } = await hub.server.get(`Subscription/${id}`)
    return (json as unknown as { status: string }).status === 'error'
  })
  await report()
  await relayed()
  expect(numbersAt('revoked')).toEqual([1])
  const { json } = await hub.server.get(`Subscription/${id}`)
  expect((json as unknown as { error: string }).error).toContain('rights it was made with are gone')
})
