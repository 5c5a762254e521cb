/** Who is let in, what is refused before it is looked at, and what goes on record of it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { permitOf } from '../../../src/access/permit.ts'
import { CASE, NEWEST } from '../../../src/staff/app/cases.ts'
import { credentialOf } from '../../../src/staff/app/credentials.ts'
import { secondOpinionsIn } from '../../../src/staff/app/second-opinions.ts'
import { mappedFilter } from '../../../src/store/mapped-rows.ts'
import { defaultLimits } from '../../../src/kernel/limits.ts'
import { adminEndpoints } from '../../../src/staff/admin/endpoints.ts'
import { appEndpoints } from '../../../src/staff/app/endpoints.ts'
import { secondOpinionApi } from '../../../src/staff/app/serve.ts'
import { startFhirServer } from '../../support/fhir-server.ts'
import type { SecondOpinionServer } from '../second-opinions.ts'
import { documents, draft, somebody, startSecondOpinions } from '../second-opinions.ts'

let app: SecondOpinionServer
beforeAll(async () => {
  app = await startSecondOpinions()
})
afterAll(() => app.stop())

test('without a good token nothing is told, not even why', async () => {
  const good = await app.token('u1')
  const bad: Readonly<Record<string, string>>[] = [
    {},
    { Authorization: '' },
    { Authorization: 'Bearer x' },
    { Authorization: await app.token('u1', 'snr_adm') },
    { Authorization: await app.token('u1', 'snr_usr', -1) },
    { Authorization: good.slice(0, -2) + (good.endsWith('00') ? '01' : '00') },
  ]
  const answers = await Promise.all(bad.map((headers) => app.post('/app/my-cases', headers, {})))
  expect(answers.map(({ status, body }) => [status, body.status])).toEqual(bad.map(() => [401, 1004]))
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  const arabic = await app.post('/app/how', { lang: '1' })
  expect(arabic.body.message).toBe('رمز الدخول غير صالح هنا؛ اطلب رمزًا جديدًا.')
})

test('addresses, methods and bodies that are none are refused in the envelope', async () => {
  expect(await app.ask('u1', '/app/nothing')).toMatchObject({ status: 404, body: { status: 1002, data: {} } })
  const get = await fetch(`${app.origin}/app/how`)
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
  const text = await app.ask('u1', '/app/my-cases', 'page=1', { 'Content-Type': 'text/plain' })
  expect([text.status, text.body.status]).toEqual([415, 1002])
  for (const body of ['{', '[]', '7', '7.50e3', '{"page":1,"page":2}', '{"__proto__":{}}']) {
    expect(await app.ask('u1', '/app/my-cases', body)).toMatchObject({ status: 400, body: { status: 1002 } })
  }
  expect((await app.ask('u1', '/app/my-cases')).status).toBe(200)
  const large = await app.ask('u1', '/app/my-cases', JSON.stringify({ q: 'x'.repeat(17 * 1024 * 1024) }))
  expect([large.status, large.body.status]).toEqual([413, 1002])
})

test('what is read and changed is on record as it is of FHIR, by whom', async () => {
  const user = somebody()
  const key = await app.newCase(user)
  await app.ask(user, '/app/case-detail', { case_id: key })
  await app.ask(user, '/app/my-cases', {})
  await app.ask(user, '/app/update-case', { ...draft, patient_age: 3, case_id: key })
  await app.ask(somebody(), '/app/case-detail', { case_id: key })
  await app.post('/app/my-cases', { Authorization: 'ffff' })
  const events = (await app.events()).slice(-6)
  const name = `ServiceRequest/sop-${key}`
  expect(events.map(({ kind, action, status, what }) => [kind, action, status, what?.[0]?.n[0]])).toEqual([
    ['create', 'C', 200, `${name}/_history/1`],
    ['read', 'R', 200, `${name}/_history/1`],
    ['search-type', 'E', 200, `${name}/_history/1`],
    ['update', 'U', 200, `${name}/_history/2`],
    ['read', 'R', 404, name],
    ['operation', 'E', 401, undefined],
  ])
  expect(events[1]).toMatchObject({
    what: [{ p: [`sop-${user}`] }],
    who: { account: user, person: `Patient/sop-${user}`, client: 'snr_usr', address: '127.0.0.1' },
  })
})

test('logs tell what was done, and nothing of anybody', async () => {
  const user = somebody()
  const more = { medical_history: 'unmistakable', medical_documents: documents(1, 'unmistakable') }
  const key = await app.newCase(user, more)
  await app.ask(user, '/app/save-case', { ...draft, ...more, rt_id: 'unmistakable' })
  const log = app.log.join('')
  expect(log).toContain('"interaction":"app-save-case"')
  for (const secret of ['unmistakable', key, user]) expect(log).not.toContain(secret)
})

test('my cases are found by an index on whose they are', async () => {
  const source = secondOpinionsIn(app.writeBack.plan)
  const permit = permitOf(credentialOf(source, { user: somebody(), audience: 'snr_usr' }))
  const filter = mappedFilter(permit, source.place(CASE), {})
  const plan = await app.store.resources.find(filter).sort(NEWEST).explain('executionStats')
  expect(JSON.stringify(plan['queryPlanner'])).toMatch(/"indexName":"keys"/)
  expect(plan['executionStats']).toMatchObject({ totalDocsExamined: 0 })
})

test('without a key for tokens the app is not served, and says what is missing in both languages', async () => {
  const plan = app.writeBack.plan
  const parts = {
    ...{ keys: undefined, spool: { put: () => Promise.resolve() }, addressOf: () => '127.0.0.1' },
    ...{ log: app.logger, limits: defaultLimits, admission: () => undefined, notify: app.world.notify },
    writeBack: () => ({ ...app.writeBack, plan }),
    now: () => new Date(),
  }
  const beside = () => [
    secondOpinionApi({ name: 'app', audience: 'snr_usr', endpoints: appEndpoints }, parts),
    secondOpinionApi({ name: 'admin', audience: 'snr_adm', endpoints: adminEndpoints }, parts),
  ]
  const keyless = await startFhirServer({ beside })
  for (const path of ['/app/how', '/admin/list-cases']) {
    const said = async (lang: string): Promise<unknown> => {
      const headers = { lang, Authorization: await app.token('u1') }
      const answer = await fetch(keyless.origin + path, { method: 'POST', headers })
      return [answer.status, await answer.json()]
    }
    expect(await said('0')).toEqual([
      503,
      expect.objectContaining({ message: expect.stringMatching(/ISTHMUS_APP_KEY/) }),
    ])
    expect(await said('1')).toEqual([503, expect.objectContaining({ message: expect.stringMatching(/مفتاح/) })])
  }
  await keyless.stop()
})
