/** What happens between an app's request and its answer: signing in, picking, agreeing, and what is refused on the way. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { en } from '../../src/smart/pages/texts/en.ts'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { authorizeUrl, Browser, launched, newPkce, PASSWORD, startSmartServer, token } from '../support/smart-server.ts'
import type { Launch, SmartServer } from '../support/smart-server.ts'

let server: SmartServer
let app: string
let doctor: AccountDocument

beforeAll(async () => {
  server = await startSmartServer()
  await server.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Haddad', given: ['Amal'] }] })
  await server.put({ resourceType: 'Patient', id: 'p2', name: [{ family: 'Hariri' }], birthDate: '2015-01-02' })
  await server.put({ resourceType: 'Patient', id: 'p3', name: [{ family: 'Other' }] })
  for (const id of ['e1', 'e2']) {
    const subject = { reference: `Patient/p${id.slice(1)}` }
    await server.put({ resourceType: 'Encounter', id, status: 'finished', class: { display: 'Follow-up' }, subject })
  }
  app = (await server.client()).client._id
  doctor = await server.account({ name: 'Dr. Farah Nasser' })
})

afterAll(() => server.stop())

/** Signs in, and gives the page after that. */
async function signedIn(launch: Pick<Launch, 'scope'> & Partial<Launch>, account = doctor) {
  const browser = new Browser(server.origin)
  const page = await browser.open(authorizeUrl(server, { client: app, ...launch }, newPkce()))
  return { browser, page: await browser.submit(page, { email: account.email, password: PASSWORD }) }
}

const csrfOf = (html: string): string => /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? ''
const location = (response: Response): URLSearchParams => new URL(response.headers.get('location') ?? 'x:').searchParams

test('Staff picks a patient by name, number or birth date, and the app gets that one (SL1).', async () => {
  const { browser, page } = await signedIn({ scope: 'launch/patient patient/Patient.rs' })
  const found = await (await browser.submit(page, { text: '2015-01-02 hari', do: 'search' })).text()
  expect(found).toContain('value="p2"')
  expect(found).not.toContain('value="p1"')
  const launch = { client: app, account: doctor, scope: 'launch/patient patient/Patient.rs' }
  const { json } = await launched(server, { ...launch, pick: { patient: 'p2' } })
  expect(json).toMatchObject({ patient: 'p2', need_patient_banner: true, tenant: 'default' })
})

test('A patient with one record is asked for none, and has it in context without asking (SL2, SL3).', async () => {
  const account = await server.account({ roles: ['patient'], person: 'Patient/p1' })
  const { json } = await launched(server, { client: app, account, scope: 'patient/Patient.rs' })
  expect(json).toMatchObject({ patient: 'p1' })
  const headers = { Authorization: `Bearer ${String(json['access_token'])}` }
  expect((await server.get('Patient/p1', { headers })).status).toBe(200)
  expect((await server.get('Patient/p2', { headers })).status).toBe(404)
  expect((await server.get('Condition?patient=p1', { headers })).status).toBe(403)
})

test('A representative picks among the people they act for, and nobody else (SL2, SL4).', async () => {
  const account = await server.account({ roles: ['patient'], person: 'Patient/p1' })
  await server.store.accounts.updateOne({ _id: account._id }, { $set: { representing: ['p2'] } })
  const { browser, page } = await signedIn({ scope: 'launch/patient patient/Patient.rs' }, account)
  const html = await page.clone().text()
  expect(html).toContain('value="p1"')
  expect(html).toContain('value="p2"')
  expect(html).not.toContain('name="text"')
  const before = await server.store.grants.countDocuments({ account: account._id })
  expect((await browser.submit(page.clone(), { patient: 'p3' })).status).toBe(403)
  expect(await server.store.grants.countDocuments({ account: account._id })).toBe(before)
  const agreed = await browser.submit(await browser.submit(page, { patient: 'p2' }))
  expect(location(agreed).get('code')).toEqual(expect.any(String))
})

test('A patient nobody has is refused as one that may not be seen (SL4).', async () => {
  const { browser, page } = await signedIn({ scope: 'launch/patient patient/Patient.rs' })
  expect((await browser.submit(page, { patient: 'p404', do: '' })).status).toBe(403)
})

test('A visit is picked among those of the patient (SL5).', async () => {
  const scope = 'launch/patient launch/encounter patient/Encounter.rs'
  const { browser, page } = await signedIn({ scope })
  const visits = await browser.submit(page, { patient: 'p1', do: '' })
  const html = await visits.clone().text()
  expect(html).toContain('value="e1"')
  expect(html).not.toContain('value="e2"')
  expect((await browser.submit(visits, { encounter: 'e2' })).status).toBe(403)
  const { json } = await launched(server, {
    client: app,
    account: doctor,
    scope,
    pick: { patient: 'p1', encounter: 'e1' },
  })
  expect(json).toMatchObject({ patient: 'p1', encounter: 'e1' })
})

test('What was taken away is not granted, and a refresh brings none of it back (SC06, CN1, LC8).', async () => {
  const category = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory'
  const { browser, page } = await signedIn({
    scope: 'launch/patient offline_access patient/Patient.rs patient/Observation.rs patient/Condition.rs',
  })
  const consent = await browser.submit(page, { patient: 'p1', do: '' })
  const html = await consent.text()
  const action = `${consent.url}/consent`
  const back = await browser.post(action, [
    ['csrf', csrfOf(html)],
    ...['patient/Patient', 'patient/Observation'].map((line) => ['line', line] as const),
    ...([
      ['how:patient/Observation', 'some'],
      ['kind:patient/Observation', category],
      ['do', 'allow'],
    ] as const),
  ])
  expect(location(back).get('code')).toEqual(expect.any(String))
  const [grant] = await server.store.grants.find().sort({ created: -1 }).limit(1).toArray()
  expect(grant?.scope).toBe(`launch/patient patient/Patient.rs patient/Observation.rs?category=${category}`)
})

test('Consent says which app of whom wants what of whose record, and whether the clinic knows it (CN2, SC10).', async () => {
  const scope = 'launch/patient patient/*.rs'
  const consentFor = async (verified: boolean): Promise<string> => {
    const { client } = await server.client({ name: 'Growth <Chart>', publisher: 'Hill & Sons' }, { verified })
    const { browser, page } = await signedIn({ client: client._id, scope })
    return (await browser.submit(page, { patient: 'p1', do: '' })).text()
  }
  const unknown = await consentFor(false)
  for (const said of ['Growth &lt;Chart&gt;', 'Hill &amp; Sons', 'Amal Haddad', en.consent.wildcardWarning]) {
    expect(unknown).toContain(said)
  }
  expect([unknown.includes(en.consent.unverifiedWarning), unknown.includes(en.consent.verified)]).toEqual([true, false])
  const known = await consentFor(true)
  expect([known.includes(en.consent.unverifiedWarning), known.includes(en.consent.verified)]).toEqual([false, true])
})

test('Nothing at all is no consent; who does not agree is not asked again (A12).', async () => {
  const { browser, page } = await signedIn({ scope: 'user/Patient.rs' })
  const html = await page.text()
  const action = `${page.url}/consent`
  const nothing = await browser.post(action, [
    ['csrf', csrfOf(html)],
    ['do', 'allow'],
  ])
  expect([nothing.status, await nothing.text()]).toEqual([422, expect.stringContaining('Choose at least one')])
  const refused = await browser.post(action, [
    ['csrf', csrfOf(html)],
    ['do', 'deny'],
  ])
  expect(Object.fromEntries(location(refused))).toMatchObject({ error: 'access_denied', state: 'af0ifjsldkj' })
})

test.each(['user/Patient.rs', 'launch/patient patient/Patient.rs'])(
  'A form that is not ours is refused, whatever it is for (A16): %s.',
  async (scope) => {
    const { browser, page } = await signedIn({ scope })
    const [one, other] = [await page.text(), await (await signedIn({ scope })).page.text()]
    for (const csrf of ['', 'x', csrfOf(other)]) {
      for (const step of ['patient', 'encounter', 'consent', 'cancel', 'login']) {
        const answer = await browser.post(`${page.url}/${step}`, [
          ['csrf', csrf],
          ['patient', 'p1'],
          ['do', 'allow'],
        ])
        expect([step, answer.status]).toEqual([step, 403])
      }
    }
    expect(csrfOf(one)).not.toBe(csrfOf(other))
  },
)

test('A dialog is good in the browser that began it only (A16).', async () => {
  const { page } = await signedIn({ scope: 'user/Patient.rs' })
  const html = await page.text()
  const stranger = new Browser(server.origin)
  const seen = await stranger.open(page.url)
  expect([seen.status, await seen.text()]).toEqual([400, expect.stringContaining('too old')])
  const sent = await stranger.post(`${page.url}/consent`, [
    ['csrf', csrfOf(html)],
    ['do', 'allow'],
  ])
  expect(sent.status).toBe(400)
})

test('A wrong password is answered as an unknown address, and neither is shown again (A17).', async () => {
  const browser = new Browser(server.origin)
  const open = () => browser.open(authorizeUrl(server, { client: app, scope: 'user/Patient.rs' }, newPkce()))
  const answers = []
  for (const email of [doctor.email, 'nobody@clinic.example']) {
    const answer = await browser.submit(await open(), { email, password: 'wrong password here' })
    answers.push([answer.status, (await answer.text()).replace(/name="email".*?value="[^"]*"|[\w-]{20,}/gs, '')])
  }
  expect(answers[0]?.[0]).toBe(401)
  expect(answers[0]).toEqual(answers[1])
  expect(answers.join()).not.toContain('wrong password here')
})

test('Two launches of an app in one browser keep their patients (LC9), and each asks again (CN3).', async () => {
  const browser = new Browser(server.origin)
  const launch = { client: app, account: doctor, scope: 'launch/patient offline_access patient/Patient.rs', browser }
  const first = await launched(server, { ...launch, pick: { patient: 'p1' } })
  const second = await launched(server, { ...launch, pick: { patient: 'p2' } })
  expect([first.json['patient'], second.json['patient']]).toEqual(['p1', 'p2'])
  const form = { grant_type: 'refresh_token', refresh_token: String(first.json['refresh_token']), client_id: app }
  expect((await token(server, form)).json).toMatchObject({ patient: 'p1', scope: launch.scope })
})

test('After a form comes a redirect by GET, and pages are never kept or framed (A15).', async () => {
  const { page } = await signedIn({ scope: 'user/Patient.rs' })
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(page.headers.get('cache-control')).toBe('no-store')
  const browser = new Browser(server.origin)
  const login = await browser.open(authorizeUrl(server, { client: app, scope: 'user/Patient.rs' }, newPkce()))
  const form = { csrf: csrfOf(await login.text()), email: doctor.email, password: PASSWORD }
  const cookie = browser.cookies(login.url)
  const sent = { method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams(form) } as const
  expect((await fetch(`${login.url}/login`, sent)).status).toBe(303)
})

test('The pages are in the language that the app asks for, and in the one that was chosen on a page.', async () => {
  const browser = new Browser(server.origin)
  const launch = { client: app, scope: 'user/Patient.rs', parameters: { ui_locales: 'ar en' } }
  const arabic = await browser.open(authorizeUrl(server, launch, newPkce()))
  expect(await arabic.text()).toContain('dir="rtl"')
  expect(await (await browser.open(`${arabic.url}?lang=en`)).text()).toContain('dir="ltr"')
  expect(await (await browser.open(arabic.url)).text()).toContain('dir="ltr"')
})
