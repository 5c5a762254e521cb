/** What clinicians read: prescriptions, the laboratory, messages, documents, consents and notifications. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { writeClinicSettings } from '../../../src/store/clinic-settings.ts'
import { bearer } from '../../support/callers.ts'
import { demoRows } from '../../support/demo-rows.ts'
import type { Json, Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const AMY = 'hms-8d8f3dcd-b2d7-4831-ad08-37dbc8b65ff7'
const TROPONIN = 'hms-c672ed36-f509-4c7c-acad-0b85feec7fbf'
const JANE = 'qivr-d13795ca-c8bf-4930-abad-478d2293ec72'
const EVA = 'qivr-8e604c84-2445-4985-a2e5-89f76e83604f'

let server: StaffServer
beforeAll(async () => {
  server = await startStaffServer({
    mappings: 'mappings',
    systems: ['hms', 'qivr', 'healthapi', 'sop'],
    tokens: {
      clinic: { tenant: 'demo', scope: 'system/*.cruds' },
      elsewhere: { tenant: 'second', scope: 'system/*.cruds' },
      amy: { scope: 'patient/*.rs', patient: AMY },
      oleg: { scope: 'patient/*.rs', patient: 'healthapi-5202' },
      desk: { scope: 'system/Patient.rs' },
    },
  })
  await server.load(demoRows('hms', 'qivr', 'healthapi', 'sop'))
}, 60_000)
afterAll(() => server.stop())

function get(path: string, token?: string): Promise<Reply> {
  return server.api('GET', path, undefined, token === undefined ? {} : bearer(token).headers)
}

async function itemsOf(path: string, token?: string): Promise<readonly Json[]> {
  const { status, json } = await get(path, token)
  expect([path, status]).toEqual([path, 200])
  return json['items'] as unknown as readonly Json[]
}

/** Which field is wrong, and how that is answered. */
function wrongIn({ status, json }: Reply): readonly unknown[] {
  const [first] = json['errors'] as unknown as readonly { readonly field: string }[]
  return [status, first?.field]
}

/** The id of a person who is named. */
function idOf(person: Json | undefined): string {
  return String(person?.['id'])
}

describe('prescriptions', () => {
  test('are in plain words, with names of people and medicines', async () => {
    const [drug] = await itemsOf(`/prescriptions?patient=${AMY}`)
    // It may have been projected before what it names was loaded, and again after that
    const version = Number(drug?.['version'])
    expect(drug).toEqual({
      ...{ id: 'hms-b8b60654-10a3-4d08-a69f-efccfe8531d5.0', version, system: 'hms', status: 'draft' },
      patient: { id: AMY, name: 'Amy Ray' },
      practitioner: { id: 'hms-1b2df9a8-7a97-4986-a052-545621d73e6a', name: 'Cat Stone' },
      ...{ medicine: 'Bisoprolol', dosage: '2.5 mg, once daily, 28 days', number: 'RX-2025-0102' },
      ...{ prescribed: '2025-09-01T09:00:00Z', from: '2025-09-01T09:00:00Z' },
    })
    const one = await get(`/prescriptions/${drug?.['id']}`)
    expect([one.json, one.headers.get('etag')]).toEqual([drug, `W/"${version}"`])
  })

  test('come page by page, each once, and by status and practitioner', async () => {
    const all = await itemsOf('/prescriptions')
    const seen: string[] = []
    let cursor = ''
    do {
      const { json } = await get(`/prescriptions?limit=1${cursor}`)
      seen.push(...(json['items'] as unknown as Json[]).map((each) => String(each['id'])))
      cursor = json['cursor'] ? `&cursor=${encodeURIComponent(String(json['cursor']))}` : ''
    } while (cursor !== '')
    expect(seen.sort()).toEqual(all.map(({ id }) => String(id)).sort())
    const drafts = await itemsOf('/prescriptions?status=draft&practitioner=hms-1b2df9a8-7a97-4986-a052-545621d73e6a')
    expect(drafts).toHaveLength(1)
  })
})

test('a lab order comes with its results, and what a result means is said in words', async () => {
  const { json } = await get(`/lab-orders/${TROPONIN}`)
  expect(json).toMatchObject({ status: 'completed', test: 'Troponin I', orderedBy: { name: 'Cat Stone' } })
  const [result] = json['results'] as unknown as Json[]
  expect(result).toMatchObject({
    ...{ status: 'final', value: '0.01 ng/mL', number: 0.01, interpretation: 'normal', normalRange: '< 0.04' },
    order: TROPONIN,
  })
  expect(await itemsOf(`/lab-results?order=${TROPONIN}`)).toEqual([result])
  expect((await itemsOf('/lab-orders?status=ordered')).every(({ status }) => String(status) === 'ordered')).toBe(true)
})

describe('messages', () => {
  test('of one person are those from and to them', async () => {
    const found = await itemsOf(`/messages?patient=${JANE}`, 'clinic')
    expect(found.map(({ text }) => String(text)).sort()).toEqual(['May I reschedule?', 'Of course.'])
    expect(found.find(({ from }) => idOf(from) === EVA)?.['to']).toEqual([{ id: JANE, name: 'Jane Roe' }])
  })

  test('that are sent go into the row of the system, once, whoever asks twice', async () => {
    const body = { from: { practitioner: EVA }, to: { patient: JANE }, text: 'أهلاً: your visit is moved.' }
    const headers = { ...bearer('clinic').headers, 'Idempotency-Key': 'message-1' }
    const sent = await server.api('POST', '/messages', body, headers)
    expect([sent.status, sent.json]).toEqual([
      201,
      expect.objectContaining({ system: 'qivr', from: { id: EVA, name: 'Eva Lund' }, text: body.text }),
    ])
    const again = await server.api('POST', '/messages', body, headers)
    expect([again.json, again.headers.get('idempotency-replayed')]).toEqual([sent.json, 'true'])
    const rows = await server.table('qivr.messages').find({ content: body.text }).toArray()
    expect(rows).toMatchObject([{ sender_id: EVA.slice(5), recipient_id: JANE.slice(5) }])
    const fhir = await server.get(`/t/demo/fhir/R4/Communication/${sent.json['id']}`)
    expect(fhir.json).toMatchObject({ status: 'completed', recipient: [{ reference: `Patient/${JANE}` }] })
  })

  test('where the system keeps none, the gateway keeps them', async () => {
    const to = { patient: AMY }
    const from = { practitioner: 'hms-1b2df9a8-7a97-4986-a052-545621d73e6a' }
    const sent = await server.api('POST', '/messages', { from, to, text: 'Come at nine.' })
    expect([sent.status, sent.json['system']]).toEqual([201, undefined])
    expect((await itemsOf(`/messages?patient=${AMY}`))[0]).toEqual(sent.json)
  })

  test('to nobody, or to somebody of another tenant, are refused', async () => {
    const other = { from: { practitioner: EVA }, to: { patient: JANE }, text: 'x' }
    expect((await server.api('POST', '/messages', other, bearer('elsewhere').headers)).status).toBe(404)
    const wrong = await server.api('POST', '/messages', { ...other, to: {} }, bearer('clinic').headers)
    expect(wrongIn(wrong)).toEqual([400, 'body.to'])
  })
})

test('documents name their case, and link to the file with the rights of who asks', async () => {
  const found = await itemsOf('/documents?case=sop-8416952c-b87c-411f-ab97-077cd7d9937e&status=current')
  expect(found.find(({ title }) => String(title) === 'xray.png')).toMatchObject({
    ...{ title: 'xray.png', case: 'sop-8416952c-b87c-411f-ab97-077cd7d9937e', system: 'sop' },
    link: expect.stringMatching(/^\/fhir\/R4\/Binary\/sop-/),
  })
})

describe('the file of a document', () => {
  const page = '<script>alert(1)</script>'
  const made = async (more: object): Promise<string> => {
    const subject = { reference: `Patient/${AMY}` }
    const resource = { resourceType: 'DocumentReference', status: 'current', subject, ...more }
    const { headers } = await server.send('POST', 'DocumentReference', resource)
    return /DocumentReference\/([^/]+)/.exec(headers.get('location') ?? '')?.[1] ?? ''
  }
  const fileOf = (id: string, token?: string): Promise<Response> =>
    fetch(`${server.origin}/api/documents/${id}/file`, token === undefined ? {} : bearer(token))

  test('is handed over to be kept, to who may see the document', async () => {
    const data = Buffer.from(page).toString('base64')
    const context = { securityContext: { reference: `Patient/${AMY}` } }
    const binary = { resourceType: 'Binary', contentType: 'text/html', data, ...context }
    const { headers: stored } = await server.send('POST', 'Binary', binary)
    const url = /Binary\/[^/]+/.exec(stored.get('location') ?? '')?.[0]
    const id = await made({ content: [{ attachment: { url, title: 'تقرير "1".html' } }] })
    const answer = await fileOf(id)
    expect([answer.status, await answer.text()]).toEqual([200, page])
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/sandbox/),
      'content-disposition': `attachment; filename="_____ _1_.html"; filename*=UTF-8''${encodeURIComponent('تقرير "1".html')}`,
    })
    expect((await fileOf(id, 'elsewhere')).status).toBe(404)
    expect((await fetch(`${server.origin}/api/documents/${id}/file`, { method: 'HEAD' })).status).toBe(200)
  })

  test('that has none, or has it elsewhere, is not there, and that is said', async () => {
    const none = await made({ content: [{ attachment: { title: 'Paper' } }] })
    const away = await made({ content: [{ attachment: { url: 'https://files.example.net/x.pdf' } }] })
    for (const [id, detail] of [
      [none, /no file/],
      [away, /elsewhere/],
    ] as const) {
      const answer = await fileOf(id)
      expect([answer.status, await answer.text()]).toEqual([404, expect.stringMatching(detail)])
    }
  })
})

describe('a consent', () => {
  test('is withdrawn once, in the row too; a second time is a conflict', async () => {
    const given = (await itemsOf('/consents?state=given')).find(({ id }) => String(id) === 'healthapi-6611')
    expect(given).toMatchObject({ about: 'Privacy notice', by: { name: '5001' }, form: 'healthapi-cf-6601' })
    const done = await Promise.all(
      Array.from({ length: 16 }, () => server.api('POST', '/consents/healthapi-6611/withdrawal')),
    )
    expect(done.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 15 }, () => 409)])
    const row = await server.table('healthapi.ConsentHistory').findOne({ id: 6611 })
    expect(row).toMatchObject({ given: true, revoked: true, revoked_at: expect.anything() })
    expect(await server.read('Consent/healthapi-6611')).toMatchObject({ status: 'inactive' })
  })

  test('of a version that is not the current one is left alone', async () => {
    const headers = { 'If-Match': 'W/"7"' }
    const { resourceType, scope, category, policy } = await server.read('Consent/healthapi-6612')
    const native = { resourceType, scope, category, policy, status: 'active', patient: { reference: `Patient/${AMY}` } }
    const { json } = await server.send('POST', 'Consent', native)
    const id = (json as unknown as { readonly id: string }).id
    expect((await server.api('POST', `/consents/${id}/withdrawal`, undefined, headers)).status).toBe(412)
    expect((await server.api('POST', `/consents/${id}/withdrawal`)).json).toMatchObject({ state: 'withdrawn' })
  })
})

describe('notifications', () => {
  test('say what was sent, what failed and why, and what is to come', async () => {
    const all = await itemsOf('/notifications', 'clinic')
    expect(all.every(({ status }) => ['sent', 'failed', 'waiting'].includes(String(status)))).toBe(true)
    const [sent] = await itemsOf('/notifications?status=sent&day=2025-11-02', 'clinic')
    expect(sent).toMatchObject({ channel: 'email', title: 'Reminder', to: [{ id: JANE, name: 'Jane Roe' }] })
    const [waiting] = await itemsOf('/notifications?status=waiting&day=2025-12-01', 'clinic')
    expect(waiting).toMatchObject({ title: 'Hi', due: expect.stringMatching(/^2025-12-01/) })
    expect(await itemsOf('/notifications?status=sent&day=2025-11-03', 'clinic')).toEqual([])
  })

  test('of a day are those of the day on the wall of the clinic', async () => {
    await writeClinicSettings(server.store, 'demo', { timeZone: 'Europe/Berlin' })
    expect(await itemsOf('/notifications?status=sent&day=2025-11-02', 'clinic')).toEqual([])
    expect(await itemsOf('/notifications?status=sent&day=2025-11-03', 'clinic')).toHaveLength(1)
    await writeClinicSettings(server.store, 'demo', { timeZone: 'UTC' })
  })

  test('of a day need a status, since a day is that of sending or of being due', async () => {
    expect(wrongIn(await get('/notifications?day=2025-11-02'))).toEqual([400, 'query.status'])
  })

  test('are no messages, and messages no notifications', async () => {
    const [message] = await itemsOf('/messages', 'clinic')
    expect((await get(`/notifications/${message?.['id']}`, 'clinic')).status).toBe(404)
  })
})

describe('nobody sees more here than over FHIR', () => {
  test.each(['/prescriptions', '/lab-orders', '/lab-results', '/documents'])('%s of a patient', async (path) => {
    const mine = await itemsOf(path, 'amy')
    expect(mine.every(({ patient }) => idOf(patient) === AMY)).toBe(true)
    const [theirs] = (await itemsOf(path)).filter(({ patient }) => idOf(patient) !== AMY)
    const hidden = await get(`${path}/${theirs?.['id']}`, 'amy')
    const nothing = await get(`${path}/never-there`, 'amy')
    expect([hidden.status, hidden.json]).toEqual([404, nothing.json])
    expect((await get(path, 'desk')).status).toBe(403)
  })

  test('nor what another tenant has', async () => {
    expect(await itemsOf(`/messages?patient=${JANE}`, 'elsewhere')).toEqual([])
  })
})

test('what is asked for wrongly is refused by the name of the field', async () => {
  const bad = ['/prescriptions?status=gone', '/lab-results?limit=101', '/documents?patient=a%20b', '/consents?who=1']
  const answers = await Promise.all(bad.map((path) => get(path)))
  expect(answers.map(wrongIn)).toEqual([
    [400, 'query.status'],
    [400, 'query.limit'],
    [400, 'query.patient'],
    [400, 'query.who'],
  ])
})
