/** `isthmus retention`, as an operator runs it, over patients who came last many years ago. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { placeHold } from '../../src/store/holds.ts'
import { actEvent } from '../../src/audit/act.ts'
import type { SourceServer } from '../support/source-server.ts'
import { startSourceServer } from '../support/source-server.ts'
import type { Ended, Variables } from './gateway.ts'
import { isthmus, ownVariables } from './gateway.ts'

let server: SourceServer
let variables: Variables

beforeAll(async () => {
  server = await startSourceServer({ systems: ['hms'], mappings: 'mappings' })
  variables = {
    ...ownVariables(),
    ISTHMUS_DATABASE: server.store.db.databaseName,
    ISTHMUS_SOURCES: JSON.stringify([{ system: 'hms', database: server.database('hms') }]),
  }
  const times = { createdAt: '2010-01-01 07:00:00', updatedAt: '2010-01-01 07:00:00' }
  const people = ['old', 'held']
  await server.load({
    'hms.users': people.map((id) => ({ id: `u-${id}`, firstName: id, ...times })),
    'hms.patients': people.map((id) => ({ id, userId: `u-${id}`, patientId: `PAT-${id}`, deletedAt: null, ...times })),
  })
}, 60_000)
afterAll(() => server.stop())

const retention = (...args: readonly string[]): Promise<Ended> => isthmus(['retention', ...args], variables)

test('a dry run says whose time is over; for real they are erased, but for whom a hold keeps', async () => {
  const t = 'default'
  const event = actEvent({ tenant: t, who: { name: 'boss' }, kind: 'hold', action: 'C' })
  const hold = await placeHold(server.store, { t, patient: 'hms-held', reason: 'A case', by: 'boss' }, event)
  const [text, json] = await Promise.all([retention('--dry-run'), retention('hms', '--dry-run', '--json')])
  expect([text.code, text.err, text.out.split('\n')]).toEqual([
    ...[0, ''],
    [
      `hms-held: counted from 2010-01-01, kept until 2017-01-01, under the legal hold ${hold._id}`,
      'hms-old: counted from 2010-01-01, kept until 2017-01-01',
      ...['1 to be erased, 1 held.', ''],
    ],
  ])
  expect(JSON.parse(json.out)).toMatchObject([{ tenant: t, patient: 'hms-held', hold: hold._id }, { system: 'hms' }])
  expect((await server.get('Patient/hms-old')).status).toBe(200)

  const done = await retention()
  expect(done).toEqual({ code: 0, out: '1 erased, 0 left open by rows of the source, 1 held.\n', err: '' })
  expect((await server.get('Patient/hms-old')).status).not.toBe(200)
  expect((await server.get('Patient/hms-held')).status).toBe(200)
  const events = await server.store.audit.find({ kind: 'erasure' }).toArray()
  expect(events.map(({ who }) => who.name)).toEqual([1, 2].map(() => expect.stringMatching(/^isthmus retention by /)))
}, 60_000)

test('what is wrong, or not ready, is one sentence: nothing is erased while nobody projects', async () => {
  const gateway = `${server.store.db.databaseName}-new`
  const [unknown, behind] = await Promise.all([
    retention('nosuch', '--dry-run'),
    isthmus(['retention', '--json'], { ...variables, ISTHMUS_DATABASE: gateway }),
  ])
  expect(unknown).toEqual({
    ...{ code: 1, out: '' },
    err: 'No source system nosuch says how long records are kept; there are: hms.\n',
  })
  const sentence = /^The rows are not projected as they are now, [^\n]+\n$/
  expect(behind).toEqual({ code: 1, out: '', err: expect.stringMatching(sentence) })
  await server.store.client.db(gateway).dropDatabase()
}, 60_000)
