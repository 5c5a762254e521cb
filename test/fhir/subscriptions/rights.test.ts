import { hash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { callerName } from '../../../src/access/caller-name.ts'
import { insertAccount } from '../../../src/store/accounts.ts'
import { keep, revokeTokens } from '../../../src/store/authorization.ts'
import { insertGrant } from '../../../src/store/grants.ts'
import { forget } from '../../../src/store/restrictions.ts'
import { makeRole, setRoles } from '../../../src/store/roles.ts'
import { bearer, callersOf } from '../../support/callers.ts'
import type { Sample } from '../../support/fhir-server.ts'
import type { Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import type { SubscriptionServer } from '../../support/subscription-server.ts'
import { notifiedIn, startSubscriptionServer, subscriptionTo, until } from '../../support/subscription-server.ts'

/** A doctor with an app, by a grant. */
const TOKEN = 'of-a-person'
const user = { account: 'a1', person: 'Practitioner/d', representing: [], permissions: ['*.cruds'] }
const person = { client: 'ehr', scope: 'user/Subscription.cruds user/DiagnosticReport.rs', user }
const SCOPE = 'system/Subscription.cruds system/DiagnosticReport.rs'
let hub: SubscriptionServer
let hook: Receiver

beforeAll(async () => {
  const tokens = {
    ehr: { scope: SCOPE },
    other: { scope: SCOPE },
    elsewhere: { tenant: 'north', scope: SCOPE },
    person,
  }
  const callerOf = callersOf(tokens)
  hub = await startSubscriptionServer({
    callerOf: async (request, place) => {
      const caller = await callerOf(request, place)
      const { client, user } = caller.credential ?? {}
      if (client === undefined) return caller
      return { ...caller, by: callerName(client, user?.account), token: hash('sha256', TOKEN, 'base64url') }
    },
    isAuthorized: true,
  })
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

test('X13 a Subscription is found by its creator, and by nobody else of the same scopes', async () => {
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

test('X13 what may not be seen is no event and takes no number', async () => {
  await subscribe('ehr', '/fhir/R4', 'hidden')
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }]
  const ids = [await report(), await report({ meta: { security } }), await report()]
  await until(() => numbersAt('hidden').length === 2)
  await relayed()
  expect(numbersAt('hidden')).toEqual([1, 2])
  expect(hook.heard.some(({ body }) => body.includes(ids[1] ?? ''))).toBe(false)
})

test('X13 another tenant hears nothing', async () => {
  await subscribe('elsewhere', '/t/north/fhir/R4')
  await subscribe('ehr', '/fhir/R4', 'here')
  await report()
  const own = await report({}, '/t/north/fhir/R4')
  await until(() => numbersAt('here').length === 1 && numbersAt('elsewhere').length === 1)
  await relayed()
  expect(numbersAt('elsewhere')).toEqual([1])
  expect(hook.heard.find(({ url, body }) => url === '/elsewhere' && body.includes(own))).toBeDefined()
})

test('X13 what a patient denies after the event and before it is sent has a number, and nothing else', async () => {
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

test('X13 rights that are gone end it, and nothing more is sent', async () => {
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

test('X13 what a person takes back from an app ends what the app subscribed to in their name', async () => {
  const { store } = hub.server
  const times = { created: new Date(), used: new Date(), expires: new Date(Date.now() + 60_000) }
  const { client, scope } = person
  const { account } = user
  await store.clients.updateOne({ _id: client }, { $set: { scope: `${SCOPE} ${scope}` } })
  await insertAccount(store, {
    ...{ _id: account, t: 'default', email: 'd@clinic.example', emailKey: 'd@clinic.example', name: 'D' },
    ...{ person: user.person, representing: [], identities: [], disabled: false, created: times.created },
  })
  await makeRole(store, 'default', { name: 'doctor', description: 'Doctor', permissions: user.permissions })
  await setRoles(store, { account, tenant: 'default' }, ['doctor'])
  await insertGrant(store, { _id: 'g1', t: 'default', account, client, scope, launch: {}, ...times })
  await keep(store, 'Grant', 'g1', {}, 60)
  const exp = Math.floor(Date.now() / 1000) + 60
  await keep(store, 'AccessToken', TOKEN, { grantId: 'g1', accountId: account, clientId: client, exp }, 60)
  const id = await subscribe('person', '/fhir/R4', 'granted')
  await report()
  await until(() => numbersAt('granted').length === 1)
  await revokeTokens(store, { grant: 'g1' })
  await report()
  await until(async () => JSON.stringify(await stateOf(id)) === JSON.stringify({ state: 'error', revoked: true }))
  await report()
  await relayed()
  expect(numbersAt('granted')).toEqual([1])
})
