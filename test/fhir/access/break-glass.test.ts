/** A record opened in an emergency: for one user with one app, for a time, on record, and told to the patient. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bearer, callersOf } from '../../support/callers.ts'
import { type AuditServer, startAuditServer } from '../../support/audit-server.ts'
import type { Answer } from '../../support/fhir-server.ts'

const SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const LIFETIME = 2
const user = (account: string, ...permissions: string[]) => ({
  scope: 'user/*.cruds',
  user: { account, person: `Practitioner/${account}`, representing: [], permissions: ['*.cruds', ...permissions] },
})
const tokens = {
  doctor: user('d', 'break-glass:use'),
  otherApp: { ...user('d', 'break-glass:use'), client: 'another' },
  colleague: user('c', 'break-glass:use'),
  nurse: user('n'),
  officer: user('o', 'break-glass:end'),
  app: { scope: 'system/*.cruds break-glass:use' },
  patient: {
    ...{ scope: 'patient/*.rs', patient: 'p1' },
    user: { account: 'p', person: 'Patient/p1', representing: [], permissions: ['*.rs'] },
  },
}
const marked = (code: string): object => ({ meta: { security: [{ system: SYSTEM, code }] } })

let server: AuditServer
beforeAll(async () => {
  server = await startAuditServer({ callerOf: callersOf(tokens), limits: { breakGlassSeconds: LIFETIME } })
  for (const id of ['p1', 'p2']) {
    const subject = { reference: `Patient/${id}` }
    await server.put({ resourceType: 'Patient', id })
    await server.put({ resourceType: 'Condition', id: `r-${id}`, subject, ...marked('R') })
    await server.put({ resourceType: 'Condition', id: `v-${id}`, subject, ...marked('V') })
  }
  await server.put({ resourceType: 'Patient', id: 'secret', ...marked('V') })
})
afterAll(() => server.stop())

type Token = keyof typeof tokens

async function seen(token: Token): Promise<string[]> {
  const { json } = await server.get('Condition', bearer(token))
  return (json.entry ?? []).map(({ resource }) => String(resource?.id)).sort()
}

function open(token: Token, id = 'p1', values: object = { reason: 'Unconscious', purpose: 'BTG' }): Promise<Answer> {
  const types: Record<string, string> = { reason: 'valueString', purpose: 'valueCode', user: 'valueString' }
  const parameter = Object.entries(values).map(([name, value]) => ({ name, [types[name] ?? '']: value as string }))
  return server.send(
    'POST',
    `Patient/${id}/$break-glass`,
    { resourceType: 'Parameters', parameter },
    bearer(token).headers,
  )
}

function end(token: Token, id = 'p1'): Promise<Answer> {
  return server.send('POST', `Patient/${id}/$break-glass-end`, undefined, bearer(token).headers)
}

test('only users whose role allows it open a record, and they say why and what for', async () => {
  for (const token of ['nurse', 'officer', 'app', 'patient'] as const) expect((await open(token)).status).toBe(403)
  for (const values of [
    {},
    { reason: 'x' },
    { purpose: 'BTG' },
    { reason: ' ', purpose: 'BTG' },
    { reason: 'x', purpose: 'HMARKT' },
  ]) {
    expect((await open('doctor', 'p1', values)).status).toBe(400)
  }
  const never = await server.get('Patient/never-was', bearer('doctor'))
  const answer = await open('doctor', 'never-was')
  expect([answer.status, answer.text]).toEqual([404, never.text])
  expect(await server.store.openings.countDocuments()).toBe(0)
})

test('it opens the record of that patient for that user with that app, until its time is over', async () => {
  expect(await seen('doctor')).toEqual([])
  const answer = await open('doctor')
  const began = Date.now()
  expect(answer.status).toBe(200)
  expect(await seen('doctor')).toEqual(['r-p1', 'v-p1'])
  for (const token of ['otherApp', 'colleague', 'nurse'] as const) expect(await seen(token)).toEqual([])
  // it is no clearance to relabel
  const bare = { resourceType: 'Condition', id: 'r-p1', subject: { reference: 'Patient/p1' } }
  expect((await server.send('PUT', 'Condition/r-p1', bare, bearer('doctor').headers)).status).toBe(403)
  await sleep(LIFETIME * 1000 - (Date.now() - began) + 50)
  expect(await seen('doctor')).toEqual([])
  expect((await server.get('Condition/r-p1', bearer('doctor'))).status).toBe(404)
})

test('it is kept with its reason, and told to the patient without it', async () => {
  const [opening] = await server.store.openings.find().toArray()
  expect(opening).toMatchObject({
    account: 'd',
    client: 'doctor',
    patient: 'p1',
    purpose: 'BTG',
    reason: 'Unconscious',
  })
  const [event] = await server.store.audit.find({ kind: '$break-glass', status: 200 }).toArray()
  expect(event).toMatchObject({ purpose: 'BTG', reason: 'Unconscious', what: [{ p: ['p1'] }] })
  const { json } = await server.get('Communication?category=notification', bearer('patient'))
  const [{ resource } = {}] = json.entry ?? []
  expect(json.entry).toHaveLength(1)
  expect(resource).toMatchObject({
    ...{ status: 'completed', subject: { reference: 'Patient/p1' }, sender: { reference: 'Practitioner/d' } },
    reasonCode: [{ coding: [{ code: 'BTG' }] }],
  })
  expect(JSON.stringify(resource)).not.toContain('Unconscious')
  expect(JSON.stringify(resource)).toContain(opening?.until.toISOString())
})

test('a patient who is hidden altogether is opened the same way, and who opened it or may end it ends it', async () => {
  expect((await server.get('Patient/secret', bearer('doctor'))).status).toBe(404)
  expect((await open('doctor', 'secret')).status).toBe(200)
  expect((await server.get('Patient/secret', bearer('doctor'))).status).toBe(200)
  expect((await end('nurse', 'secret')).status).toBe(403)
  expect((await end('colleague', 'secret')).text).toContain('"valueUnsignedInt":0')
  expect((await server.get('Patient/secret', bearer('doctor'))).status).toBe(200)
  expect((await end('officer', 'secret')).text).toContain('"valueUnsignedInt":1')
  expect((await server.get('Patient/secret', bearer('doctor'))).status).toBe(404)
  await open('doctor', 'p2')
  expect(await seen('doctor')).toEqual(['r-p2', 'v-p2'])
  expect((await end('doctor', 'p2')).text).toContain('"valueUnsignedInt":1')
  expect(await seen('doctor')).toEqual([])
})

test('what is given out or written in an emergency is on record as such, of the patient it is about, until it ends', async () => {
  await open('doctor', 'p1', { reason: 'Unconscious', purpose: 'ETREAT' })
  const kept = async (token: Token): Promise<string[]> => {
    const events = await server.during(async () => {
      await server.get('Condition/r-p1', bearer(token))
      await server.get('Patient?_id=p1,p2', bearer(token))
    })
    const own = events.filter(
      ({ what, query = '' }) => JSON.stringify(what)?.includes('/r-p1') || query.startsWith('Patient?_id='),
    )
    return own.map(({ kind, purpose = '', what = [] }) => {
      return [kind, purpose, ...what.flatMap(({ p = [] }) => p)].filter((word) => word !== '').join(' ')
    })
  }
  expect(await kept('doctor')).toEqual(['read BTG p1', 'search-type p2', 'search-type BTG p1'])
  expect(await kept('colleague')).toEqual(['read', 'search-type p1 p2'])
  const { json } = await server.get('Patient/p1/$access-report?_count=3', bearer('patient'))
  const purposes = (json.entry ?? [])
    .map(({ resource }) => JSON.stringify(resource))
    .filter((text) => text.includes('BTG'))
  expect(purposes.length).toBeGreaterThan(0)
  expect(purposes.join(' ')).not.toContain('Unconscious')
  await end('doctor')
  expect(await kept('doctor')).toEqual(['read', 'search-type p1 p2'])
})

test('what is written in an emergency is on record as such, in the transaction of the write', async () => {
  const resource = { resourceType: 'Condition', id: 'r-p1', subject: { reference: 'Patient/p1' }, ...marked('R') }
  const write = (text: string) => {
    const { headers } = bearer('doctor')
    return server.send('PUT', 'Condition/r-p1', { ...resource, note: [{ text }] }, headers)
  }
  const refused = await server.during(async () => expect((await write('before')).status).toBe(404))
  expect(refused.map(({ status, purpose }) => [status, purpose])).toEqual([[404, undefined]])
  await open('doctor', 'p1')
  const events = await server.during(async () => expect((await write('in an emergency')).status).toBe(200))
  expect(events).toMatchObject([
    { kind: 'update', action: 'U', status: 200, purpose: 'BTG', what: [{ p: ['p1'] }], who: { account: 'd' } },
  ])
  await end('doctor')
  const after = await server.during(async () => expect((await write('after')).status).toBe(404))
  expect(after.filter(({ kind }) => kind === 'update').map(({ purpose }) => purpose)).toEqual([undefined])
})
