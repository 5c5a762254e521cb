/**
 * Erasing a person: afterwards nothing of them is in any collection of the gateway, byte for byte; the audit and the proof
 * name no one. What is somebody else's stays, and a legal hold stands before it.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { EJSON } from 'bson'
import { addAccount } from '../../../src/smart/people/new-account.ts'
import { erasedHash } from '../../../src/store/erasures.ts'
import { owedId } from '../../../src/store/owed.ts'
import { bearer } from '../../support/callers.ts'
import type { Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const CANARY = 'Zanzibarowski'
const user = { account: 'boss', representing: [], permissions: ['records:erase', 'records:hold', '*.cruds'] }
const tokens = {
  admin: { scope: 'user/*.cruds', user },
  clerk: { scope: 'user/*.cruds', user: { ...user, permissions: ['*.cruds'] } },
}
const at = { createdAt: '2025-08-01 07:00:00', updatedAt: '2025-08-01 07:00:00', deletedAt: null }

let server: StaffServer
let binary: string

beforeAll(async () => {
  server = await startStaffServer({ systems: ['hms'], mappings: 'mappings', tokens })
  const one = { lastName: CANARY, email: `${CANARY}@x.org`, city: CANARY }
  await server.load({
    'hms.users': [person('u1', one), person('u2', { lastName: 'Other' })],
    'hms.patients': [patient('p1', CANARY), patient('p2', 'Baker')],
    'hms.appointments': [appointment('a1', 'p1', CANARY), appointment('a2', 'p2', 'Cough')],
  })
  binary = await useEverything()
}, 120_000)
afterAll(() => server.stop())

function person(id: string, more: object): object {
  return {
    id,
    userId: `PAT-${id}`,
    firstName: 'Amy',
    gender: 'female',
    roles: ['patient'],
    status: 'active',
    ...more,
    ...at,
  }
}

function patient(id: string, occupation: string): object {
  return { id, userId: id.replace('p', 'u'), patientId: `PAT-00000${id}`, allergies: [occupation], occupation, ...at }
}

function appointment(id: string, patientId: string, reason: string): object {
  const when = { appointmentDate: '2025-09-15 00:00:00', appointmentTime: '11:00', duration: 30, status: 'scheduled' }
  return { id, patientId, doctorId: null, ...when, reason, ...at }
}

/** What is kept of a person in every way: natively, as a file, as an account, in answers, in versions that are over. */
async function useEverything(): Promise<string> {
  const subject = { reference: 'Patient/hms-p1', display: CANARY }
  const code = { text: CANARY }
  const uploaded = await server.get('Binary', {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: CANARY,
  })
  const file = uploaded.headers.get('location')?.match(/Binary\/([^/]+)/)?.[1] ?? ''
  const sent = [
    { resourceType: 'Flag', id: 'f1', status: 'active', code, subject },
    {
      resourceType: 'Media',
      id: 'm1',
      status: 'completed',
      subject,
      content: { url: `Binary/${file}`, title: CANARY },
    },
    { resourceType: 'Flag', id: 'f3', status: 'active', code, subject },
    // Somebody else's, who names the person
    {
      ...{ resourceType: 'Flag', id: 'f2', status: 'active', code: { text: 'Other' } },
      ...{ subject: { reference: 'Patient/hms-p2' }, author: { reference: 'Patient/hms-p1' } },
    },
  ]
  for (const each of sent) expect((await server.send('PUT', `${each.resourceType}/${each.id}`, each)).status).toBe(201)
  const moved = { ...sent[2], code: { text: 'Other' }, subject: { reference: 'Patient/hms-p2' } }
  expect((await server.send('PUT', 'Flag/f3', moved)).status).toBe(200)
  expect((await server.send('DELETE', 'Flag/f1')).status).toBe(204)
  const { _id } = await addAccount(server.store, {
    ...{ tenant: 'default', email: `${CANARY}@x.org`, name: CANARY, roles: ['patient'], person: 'Patient/hms-p1' },
  })
  await server.store.accounts.updateOne({ _id: { $ne: _id } }, { $set: { representing: ['hms-p1'] } })
  await owe('hms-a1', 'sent')
  await owe('hms-a2', 'owed')
  return file
}

/** A message about an appointment. */
async function owe(id: string, state: 'owed' | 'sent'): Promise<void> {
  const what = {
    t: 'default',
    kind: 'appointment-reminders',
    about: `default/Appointment/${id}`,
    which: 'a',
    due: new Date(),
  }
  const owed = { _id: owedId(what), ...what, at: what.due, state, tries: 0 }
  await server.store.owed.insertOne(owed)
}

function erase(token: string, body: object, id = 'hms-p1', headers = {}): Promise<Reply> {
  return server.api('POST', `/people/${id}/erasures`, body, { ...bearer(token).headers, ...headers })
}

/** Every document of every collection of the gateway, bytes of files too. */
async function raw(): Promise<string> {
  const { db } = server.store
  const texts: string[] = []
  for (const { name } of await db.listCollections().toArray()) {
    for await (const document of db.collection(name).find({}, { promoteBuffers: true })) {
      const bytes = Buffer.isBuffer(document['data']) ? document['data'].toString() : ''
      texts.push(`${name} ${EJSON.stringify(document)} ${bytes}`)
    }
  }
  return texts.join('\n')
}

const reason = 'asked-by-person'

test('who may not erase, and whom is not there, is refused', async () => {
  expect((await erase('clerk', { reason })).status).toBe(403)
  expect((await erase('admin', { reason }, 'hms-none')).status).toBe(404)
  const told = await erase('admin', { reason: `because of ${CANARY}` })
  expect([told.status, told.json['errors']]).toMatchObject([400, [{ field: 'body.reason' }]])
})

test('a dry run says what would go, and does nothing', async () => {
  const before = await raw()
  expect(before.match(new RegExp(CANARY, 'gi'))?.length).toBeGreaterThan(10)
  const { status, json } = await erase('admin', { reason, dryRun: true })
  expect([status, json['state']]).toEqual([200, 'dry-run'])
  expect(json['counts']).toEqual(
    expect.arrayContaining([
      { kind: 'Appointment', count: 1 },
      { kind: 'Binary', count: 1 },
      { kind: 'Flag', count: 1 },
      { kind: 'Media', count: 1 },
      { kind: 'Patient', count: 1 },
    ]),
  )
  expect((await server.raw('hms.patients', { id: 'p1' }))?.['deletedAt']).toBeNull()
})

test('a legal hold stands before it, on the person or on the system, until it is lifted', async () => {
  const as = (method: string, path: string, body?: object): Promise<Reply> =>
    server.api(method, path, body, bearer('admin').headers)
  for (const on of [{ patient: 'hms-p1' }, { system: 'hms' }]) {
    const placed = await as('POST', '/holds', { ...on, reason: 'A case at court' })
    expect([placed.status, placed.json]).toMatchObject([201, on])
    const refused = await erase('admin', { reason })
    expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining(placed.json['id'] ?? '')])
    expect((await erase('admin', { reason, dryRun: true })).status).toBe(409)
    expect((await as('POST', `/holds/${placed.json['id'] ?? ''}/lift`)).status).toBe(200)
    expect((await as('POST', `/holds/${placed.json['id'] ?? ''}/lift`)).status).toBe(404)
  }
  expect((await as('GET', '/holds')).json['items']).toEqual([])
  expect((await as('POST', '/holds', { system: 'none', reason: 'x' })).json['detail']).toMatch(/there are hms/)
  expect((await as('POST', '/holds', { reason: 'x' })).status).toBe(400)
})

test('an erasure that is killed goes on when it is asked for again, and then nothing of the person is anywhere', async () => {
  const { guards } = server.store
  const last = guards.deleteMany.bind(guards)
  guards.deleteMany = () => Promise.reject(new Error('killed'))
  expect((await erase('admin', { reason })).status).toBe(500)
  guards.deleteMany = last
  expect((await server.get('Patient/hms-p1')).status).not.toBe(200)
  const begun = await server.api('GET', '/erasures', undefined, bearer('admin').headers)
  expect(begun.json['items']).toMatchObject([{ state: 'open', patient: 'hms-p1' }])
  const hold = await server.api('POST', '/holds', { system: 'hms', reason: 'x' }, bearer('admin').headers)
  expect(hold.json['detail']).toMatch(/comes too late/)

  const key = { 'Idempotency-Key': 'erase-1' }
  const { status, json } = await erase('admin', { reason }, 'hms-p1', key)
  expect([status, json['state'], json['patient']]).toEqual([200, 'done', undefined])
  const { salt = '', ...proof } = json
  expect(proof['hash']).toBe(erasedHash(salt, 'default', 'hms-p1'))
  expect(proof['counts']).toEqual(
    expect.arrayContaining([
      { kind: 'Patient', count: 1 },
      { kind: 'files', count: 1 },
      { kind: 'accounts', count: 1 },
      { kind: 'messages', count: 1 },
    ]),
  )
  expect(await server.store.owed.distinct('about')).toEqual(['default/Appointment/hms-a2'])
  expect((await erase('admin', { reason }, 'hms-p1', key)).json).toEqual(proof)
  expect((await server.api('GET', '/erasures', undefined, bearer('admin').headers)).json['items']).toEqual([proof])

  const after = await raw()
  expect(after.match(new RegExp(`.{0,120}${CANARY}.{0,40}`, 'gi')) ?? []).toEqual([])
  expect(after).not.toContain(salt)
  expect(JSON.stringify(await server.store.erasures.find().toArray())).not.toContain('hms-p1')
  expect(server.log.join('\n')).not.toContain(CANARY)
})

test('the row is deleted as its mapping says, and gives nothing any more', async () => {
  expect((await server.raw('hms.patients', { id: 'p1' }))?.['deletedAt']).not.toBeNull()
  await server.table('hms.appointments').updateOne({ id: 'a1' }, { $set: { notes: 'touched' } })
  await server.settle()
  for (const name of ['Patient/hms-p1', 'Appointment/hms-a1', 'Flag/f1', 'Media/m1', `Binary/${binary}`]) {
    // A row that is marked as deleted says that it once gave something, and no more than that
    const { status, text } = await server.get(name)
    expect([name, status]).toEqual([name, name.includes('hms-') ? expect.any(Number) : 404])
    expect([404, 410]).toContain(status)
    expect(text + (await server.get(`${name}/_history`)).text).not.toContain(CANARY)
  }
})

test('what is somebody else’s stays, with its reference, and loses the versions that were the person’s', async () => {
  for (const name of ['Patient/hms-p2', 'Appointment/hms-a2', 'Flag/f2', 'Flag/f3']) {
    expect((await server.get(name)).status).toBe(200)
  }
  expect((await server.get('Flag/f2')).text).toContain('Patient/hms-p1')
  expect(await server.methods('Flag/f3')).toEqual(['PUT'])
  const events = await server.store.audit.find({ kind: 'erasure' }).toArray()
  expect(events).toMatchObject([
    { what: [{ p: ['hms-p1'], n: ['Patient/hms-p1'] }], who: { account: 'boss' } },
    { what: [{ p: ['hms-p1'] }] },
  ])
})

test('the proofs are read page by page, newest first, each once although several were begun at the same moment', async () => {
  const begun = new Date('2025-01-01T00:00:00Z')
  const old = { t: 'default', state: 'done' as const, reason: 'retention-over' as const, by: 'x', begun, counts: {} }
  await server.store.erasures.insertMany(['a', 'b', 'c', 'd'].map((_id) => ({ _id, ...old })))
  const list = (query: string) => server.api('GET', `/erasures${query}`, undefined, bearer('admin').headers)
  const all = (await list('')).json['items'] as unknown as unknown[]
  const paged: unknown[] = []
  for (let query = '?limit=2'; query !== '';) {
    const { items, cursor } = (await list(query)).json as unknown as { items: unknown[]; cursor?: string }
    paged.push(...items)
    query = cursor === undefined ? '' : `?limit=2&cursor=${cursor}`
  }
  expect([paged.length, paged]).toEqual([all.length, all])
  expect(all.length).toBeGreaterThan(4)
  expect((await list('?cursor=eHg')).status).toBe(400)
})
