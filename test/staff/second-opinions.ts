/** The second-opinion app and its admin side over HTTP, on rows of the test's own, beside the FHIR API. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AppKeys } from '../../src/staff/app/keys.ts'
import { keptAppKeys } from '../../src/staff/app/keys.ts'
import { adminEndpoints } from '../../src/staff/admin/endpoints.ts'
import { appEndpoints } from '../../src/staff/app/endpoints.ts'
import type { Notify } from '../../src/staff/app/notify.ts'
import { bannerNotify } from '../../src/staff/app/notify.ts'
import { secondOpinionApi } from '../../src/staff/app/serve.ts'
import type { Audience } from '../../src/staff/app/token.ts'
import { sealToken } from '../../src/staff/app/token.ts'
import { addAudit } from '../../src/store/audit.ts'
import type { AuditDocument } from '../../src/store/audit-documents.ts'
import type { SourceServer } from '../support/source-server.ts'
import { startSourceServer } from '../support/source-server.ts'

export const [STANDARD, EXPRESS, OFF_TYPE] = ['rt-standard', 'rt-express', 'rt-off'] as const
export const [CARDIOLOGY, ONCOLOGY, OFF_CATEGORY] = ['dc-cardiology', 'dc-oncology', 'dc-off'] as const
export const [LINA, OMAR, GONE] = ['doctor-lina', 'doctor-omar', 'doctor-gone'] as const

export interface Said {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: {
    readonly status: number
    readonly message: string
    readonly data: Record<string, unknown>
    readonly pagination?: unknown
  }
}

export type Headers_ = Readonly<Record<string, string>>

export interface SecondOpinionServer extends SourceServer {
  readonly keys: AppKeys
  /** what reminders do, and what time it is */
  readonly world: { notify: Notify; now: () => Date }
  token(user: string, audience?: Audience, seconds?: number): Promise<string>
  /** `path`: `/app/how`; by whom: an account, of the admin side where the path is */
  ask(user: string, path: string, body?: unknown, headers?: Headers_): Promise<Said>
  /** The same with a header as it is. */
  post(path: string, headers: Headers_, body?: unknown): Promise<Said>
  /** A case of somebody, by its key. */
  newCase(user: string, more?: object): Promise<string>
  /** What is on record. */
  events(): Promise<AuditDocument[]>
}

export async function startSecondOpinions(): Promise<SecondOpinionServer> {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-app-'))
  const keys = keptAppKeys(join(folder, 'app-keys.json'))
  const world = { notify: bannerNotify, now: () => new Date() }
  const server = await startSourceServer({
    mappings: 'mappings',
    systems: ['sop'],
    edges: {
      // Tests ask for more at once than people do
      limits: { requestMilliseconds: 60_000 },
      audit: (store) => ({ put: (events) => addAudit(store, events) }),
      beside(given) {
        const parts = {
          ...{ ...given, keys, addressOf: () => '127.0.0.1', admission: () => undefined },
          notify: (reminder: Parameters<Notify>[0]) => world.notify(reminder),
          now: () => world.now(),
        }
        return [
          secondOpinionApi({ name: 'app', audience: 'snr_usr', endpoints: appEndpoints }, parts),
          secondOpinionApi({ name: 'admin', audience: 'snr_adm', endpoints: adminEndpoints }, parts),
        ]
      },
    },
  })
  await server.load(catalogues)
  const token = (user: string, audience: Audience = 'snr_usr', seconds = 3600): Promise<string> =>
    sealToken(keys, { user, audience }, seconds)
  const post = (path: string, headers: Headers_, body?: unknown): Promise<Said> =>
    postTo(server.origin + path, headers, body)
  const ask: SecondOpinionServer['ask'] = async (user, path, body, headers = {}) => {
    const audience = path.startsWith('/admin') ? 'snr_adm' : 'snr_usr'
    return post(path, { Authorization: await token(user, audience), ...headers }, body)
  }
  return {
    ...server,
    ...{ keys, world, token, post, ask },
    async newCase(user, more = {}) {
      const { status, text, body } = await ask(user, '/app/save-case', { ...draft, ...more })
      if (status !== 200) throw new Error(`${status} ${text}`)
      return body.data['case_id'] as string
    },
    events: () =>
      server.store.audit
        .find({ kind: { $exists: true } })
        .sort({ _id: 1 })
        .toArray(),
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** An account that no other test has. */
export function somebody(): string {
  return randomUUID()
}

export const draft = {
  rt_id: STANDARD,
  dc_id: CARDIOLOGY,
  patient_age: 45,
  patient_gender: 'female',
  status: 'draft',
}

export function documents(count: number, name = 'report'): object[] {
  return Array.from({ length: count }, (_, index) => ({
    url: `https://files.example.net/${name}-${index}.pdf`,
    key: `uploads/${name}-${index}.pdf`,
    name: `${name}-${index}.pdf`,
  }))
}

async function postTo(url: string, headers: Headers_, body: unknown): Promise<Said> {
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const init = { method: 'POST', headers: { ...type, ...headers }, ...(body !== undefined && { body: text }) }
  const response = await fetch(url, init)
  const said = await response.text()
  return { status: response.status, headers: response.headers, text: said, body: JSON.parse(said) as Said['body'] }
}

const catalogues = {
  'sop.review_types': [
    {
      ...{ review_type_id: STANDARD, review_type: 'Standard Review', review_type_ar: 'مراجعة قياسية' },
      ...{ description_en: 'Reviewed by 3 specialists', description_ar: 'يراجعها 3 متخصصين' },
      ...{ min_review_days: 8, max_review_days: 12, reviewed_doctors_count: 3, price: 900, icon: null },
      ...{ active: 1, created_date: '2025-12-01 07:00:00' },
    },
    {
      ...{ review_type_id: EXPRESS, review_type: 'Express', review_type_ar: '', description_en: 'Soon' },
      ...{ min_review_days: 2, max_review_days: 2, reviewed_doctors_count: '1', price: '1500.50', icon: 'bolt' },
      ...{ active: true, created_date: '2025-12-02T07:00:00Z' },
    },
    { review_type_id: OFF_TYPE, review_type: 'Old', active: 0, created_date: '2025-12-03 07:00:00' },
  ],
  'sop.disease_categories': [
    { dc_id: CARDIOLOGY, specialty_en: 'Cardiology', specialty_ar: 'أمراض القلب', doctor_ids: '[]', active: 1 },
    { dc_id: ONCOLOGY, specialty_en: 'Oncology', specialty_ar: 'علاج الأورام', doctor_ids: '[]', active: 1 },
    { dc_id: OFF_CATEGORY, specialty_en: 'Old', specialty_ar: 'قديم', doctor_ids: '[]', active: 0 },
  ],
  'sop.sop_doctors': [
    { user_id: LINA, doctor_name_en: 'Dr. Lina Saleh', doctor_name_ar: 'د. لينا صالح', active: 1 },
    { user_id: OMAR, doctor_name_en: 'Dr. Omar Haddad', doctor_name_ar: 'د. عمر حداد', active: 1 },
    { user_id: GONE, doctor_name_en: 'Dr. Gone', active: 0 },
  ],
}
