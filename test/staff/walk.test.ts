/**
 * A second opinion from outside, on a gateway as people start it, from a draft in Arabic to the report: read by an EHR over
 * FHIR after each step (docs/workflows/second-opinion.md).
 */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { keptAppKeys } from '../../src/staff/app/keys.ts'
import { sealToken } from '../../src/staff/app/token.ts'
import { connect } from '../../src/store/connection.ts'
import type { Running, Variables } from '../cli/gateway.ts'
import { dropOwn, ownVariables, run, stop } from '../cli/gateway.ts'

const SARA = 'sop-b9fa7c3f-f063-4577-a9ad-6bea0da9bc53'

let variables: Variables
let gateway: Running
let url: string
let tokens: Readonly<Record<'ada' | 'bob', string>>

beforeAll(async () => {
  variables = ownVariables()
  const keyFile = join(variables['ISTHMUS_DATA_DIR'] ?? '', 'app-keys.json')
  const keys = keptAppKeys(keyFile)
  const token = (user: string): Promise<string> => sealToken(keys, { user, audience: 'snr_usr' }, 3600)
  tokens = { ada: await token('ada'), bob: await token('bob') }
  gateway = run('main.ts', [], { ...variables, ISTHMUS_DEMO: 'true', ISTHMUS_APP_KEY: keyFile })
  url = (await gateway.line(/^isthmus ready (http:\/\/127\.0\.0\.1:\d+)$/m))[1] ?? ''
}, 120_000)

afterAll(async () => {
  await stop(gateway)
  const client = await connect(variables['MONGODB_URI'] ?? '')
  await dropOwn(client, variables)
  await client.close()
})

/** Looked into as it is known. */
interface Json {
  readonly [member: string]: Json & string & number & readonly Json[]
}

function itemsOf(list: unknown): readonly Readonly<Record<string, unknown>>[] {
  return (list as { readonly items: readonly Readonly<Record<string, unknown>>[] }).items
}

interface Said {
  readonly status: number
  readonly json: Json
}

async function send(
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): Promise<Said> {
  const init = body && {
    method,
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  }
  const response = await fetch(url + path, init)
  return { status: response.status, json: (await response.json()) as Json }
}

const app = (path: string, body: object = {}, user: keyof typeof tokens = 'ada', more = {}): Promise<Said> =>
  send(`/app/${path}`, body, { Authorization: tokens[user], ...more })
const api = (path: string, body?: object): Promise<Said> => send(`/api/${path}`, body)
const fhir = async (path: string, base = '/fhir/R4'): Promise<Json> => (await send(`${base}/${path}`)).json
const found = async (search: string): Promise<Json[]> =>
  ((await fhir(search))['entry'] ?? []).map((each) => each['resource'] as Json)

test('a second opinion, from a draft in Arabic to the report', async () => {
  const [kind] = itemsOf((await app('review-types', {}, 'ada', { lang: 'ar' })).json['data'])
  const [area] = itemsOf((await app('disease-categories')).json['data'])
  const fields = {
    rt_id: kind?.['rt_id'],
    dc_id: area?.['key'],
    patient_age: 45,
    patient_gender: 'female',
    medical_history: 'ألم في الركبة',
  }
  const saved = await app('save-case', { ...fields, status: 'draft' })
  const case_id = String(saved.json['data']?.['case_id'])
  const ehr = (): Promise<Json> => fhir(`ServiceRequest/sop-${case_id}`)
  expect(await ehr()).toMatchObject({ status: 'draft', note: [{ text: 'ألم في الركبة' }] })

  const documents = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      url: `https://files.example.net/${index}.pdf`,
      key: `${index}`,
      name: `${index}.pdf`,
    }))
  expect((await app('add-medical-documents', { case_id, med_docs: documents(2) })).status).toBe(200)
  expect((await ehr())['supportingInfo']).toHaveLength(2)
  expect(await found(`DocumentReference?related=ServiceRequest/sop-${case_id}`)).toHaveLength(2)
  const many = await app('add-medical-documents', { case_id, med_docs: documents(49) })
  expect([many.status, many.json['status']]).toEqual([400, 1002])
  const another = await app('case-detail', { case_id }, 'bob')
  expect([another.status, another.json['status']]).toEqual([404, 1002])
  const nobody = await send('/app/case-detail', { case_id }, { Authorization: 'c0ffee' })
  expect([nobody.status, nobody.json['status']]).toEqual([401, 1004])

  expect((await app('update-case', { case_id, ...fields, status: 'review' })).status).toBe(200)
  expect((await ehr())['status']).toBe('active')
  const late = await app('update-case', { case_id, ...fields, status: 'review' }, 'ada', { lang: 'ar' })
  expect([late.status, late.json['status'], late.json['message']]).toEqual([
    409,
    1003,
    expect.stringMatching(/[\u0600-\u06ff]/),
  ])

  expect(itemsOf((await api('cases?status=in-review')).json).map(({ id }) => id)).toContain(`sop-${case_id}`)
  const act = (what: string, body: object): Promise<Said> => api(`cases/sop-${case_id}/${what}`, body)
  expect((await act('assign', { coordinator: SARA })).json).toMatchObject({ status: 'assigned' })
  expect((await ehr())['performer']).toMatchObject([{ reference: `Practitioner/${SARA}` }])
  expect((await act('specialists', { doctors: [SARA] })).status).toBe(200)
  expect((await act('document-requests', { doctor: SARA, documents: ['MRI'] })).status).toBe(200)
  const tasks = await found(`Task?focus=ServiceRequest/sop-${case_id}`)
  expect([tasks.length, JSON.stringify(tasks).includes('MRI')]).toEqual([2, true])
  expect((await act('reports', { doctor: SARA, conclusion: 'No surgery is needed.' })).json).toMatchObject({
    status: 'reported',
  })
  expect(await found(`DiagnosticReport?based-on=ServiceRequest/sop-${case_id}`)).toMatchObject([
    { conclusion: 'No surgery is needed.' },
  ])
  expect((await act('reject', { reason: 'Late' })).status).toBe(409)
}, 60_000)
