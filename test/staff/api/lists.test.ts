/** What MongoDB does for a list of staff, seen by its own profiler: a page of an index, whichever page it is. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Sample } from '../../support/fhir-server.ts'
import { documentsOf } from '../../support/fhir-server.ts'
import type { Json, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const MANY = 1_500
const LIMIT = 5
const DAY = Date.UTC(2026, 2, 2)

let server: StaffServer
beforeAll(async () => {
  server = await startStaffServer({ mappings: 'mappings', systems: ['hms'] })
  const samples = Array.from({ length: MANY }, (_, at) => resources(at)).flat()
  const stored = [...samples, ...people()].map((sample) => documentsOf(sample, { at: new Date(DAY).toISOString() }))
  await server.store.resources.insertMany(stored.map(({ document }) => document))
  await server.store.versions.insertMany(stored.map(({ version }) => version))
  await server.store.db.setProfilingLevel('all')
}, 60_000)
afterAll(() => server.stop())

function people(): Sample[] {
  const named = (resourceType: string, id: string): Sample => ({ resourceType, id, name: [{ family: `F${id}` }] })
  return [
    ...Array.from({ length: 30 }, (_, at) => named('Patient', `p${at}`)),
    ...Array.from({ length: 3 }, (_, at) => named('Practitioner', `d${at}`)),
  ]
}

const SECOND_OPINION = 'http://terminology.hl7.org/CodeSystem/v2-0336|S'
const LABORATORY = 'http://snomed.info/sct|108252007'

function concept(text: string): object[] {
  const [system, code] = text.split('|')
  return [{ coding: [{ system, code }] }]
}

/** Of each kind one; what lists ask for is one in three, or in fifteen. */
function resources(at: number): Sample[] {
  const time = (days: number): string => new Date(DAY + days * 86_400_000).toISOString()
  const [patient, doctor] = [{ reference: `Patient/p${at % 30}` }, { reference: `Practitioner/d${at % 3}` }]
  const of = (resourceType: string, status: string, more: object): Sample => {
    return { resourceType, id: `${resourceType.toLowerCase()}-${at}`, status, ...more }
  }
  const rarely = <T>(rare: T, usual: T): T => (at % 15 === 0 ? rare : usual)
  const made = time(-at / 20)
  const named = (resource: Sample, name: string): Sample => ({ ...resource, id: `${name}-${at}` })
  const order = { intent: 'order', subject: patient, authoredOn: made }
  return [
    of('Appointment', rarely('proposed', 'booked'), {
      start: time(at / 300),
      participant: [
        { actor: patient, status: 'accepted' },
        { actor: doctor, status: rarely('accepted', 'needs-action') },
      ],
    }),
    ...(at % 50 === 0 ? [named(of('Appointment', 'waitlist', { participant: [{ actor: patient }] }), 'waiting')] : []),
    of('ServiceRequest', ['active', 'draft', 'revoked'][at % 3] as string, {
      ...{ ...order, category: concept(SECOND_OPINION) },
      ...(at % 5 > 0 && { performer: [doctor] }),
    }),
    named(of('ServiceRequest', rarely('draft', 'completed'), { ...order, category: concept(LABORATORY) }), 'lab'),
    of('Observation', rarely('registered', 'final'), {
      ...{ subject: patient, effectiveDateTime: made, code: { text: 'Na' } },
      category: concept(
        `http://terminology.hl7.org/CodeSystem/observation-category|${at % 3 ? 'vital-signs' : 'laboratory'}`,
      ),
    }),
    of('MedicationRequest', rarely('draft', 'active'), {
      ...{ ...order, requester: doctor, medicationCodeableConcept: { text: 'A' } },
    }),
    of('DocumentReference', rarely('superseded', 'current'), { subject: patient, date: made }),
    of('Consent', rarely('rejected', 'active'), { patient, dateTime: made }),
    of('Communication', 'completed', {
      ...{ sender: doctor, recipient: [patient], sent: made, payload: [{ contentString: 'Hello' }] },
    }),
    named(
      of('Communication', rarely('not-done', 'completed'), {
        ...{ recipient: [patient], sent: made, category: [{ text: 'reminder' }] },
      }),
      'note',
    ),
  ]
}

interface Profile {
  readonly planSummary: string
  readonly keysExamined: number
  readonly docsExamined: number
}

/** A page, and what was done for it but for what names single resources. */
async function profiled(path: string): Promise<{ json: Json; plans: readonly Profile[] }> {
  const start = new Date()
  const { status, json } = await server.api('GET', path)
  expect([path, status]).toEqual([path, 200])
  const found = await server.store.db
    .collection('system.profile')
    .find({ ns: server.store.resources.namespace, ts: { $gte: start }, op: { $in: ['query', 'command'] } })
    .toArray()
  const plans = found as unknown as Profile[]
  return { json, plans: plans.filter(({ planSummary }) => !/^IXSCAN \{ _id: 1 \}|^EXPRESS|^IDHACK/.test(planSummary)) }
}

async function pagesOf(path: string, most: number): Promise<{ ids: string[]; plans: Profile[] }> {
  const ids: string[] = []
  const all: Profile[] = []
  let cursor = ''
  for (let page = 0; page < most; page++) {
    const { json, plans } = await profiled(`${path}limit=${LIMIT}${cursor}`)
    all.push(...plans)
    ids.push(...(json['items'] as unknown as readonly Json[]).map((item) => String(item['id'])))
    if (json['cursor'] === undefined) break
    cursor = `&cursor=${encodeURIComponent(json['cursor'])}`
  }
  return { ids, plans: all }
}

const PAGES = 4

describe('a page is a part of an index, as long as the page', () => {
  test.each([
    '/appointments?date=2026-03-02&',
    '/appointments?date=2026-03-02&order=latest&',
    '/appointments?date=2026-03-03&days=2&practitioner=d1&',
    '/appointments?patient=p7&',
    '/appointments?status=requested&',
    '/appointments?date=2026-03-02&status=scheduled&',
    '/cases?',
    '/cases?status=draft&',
    '/cases?status=in-review&',
    '/cases?status=assigned&',
    '/cases?status=rejected&',
    '/cases?coordinator=d1&',
    '/prescriptions?',
    '/prescriptions?status=draft&',
    '/prescriptions?practitioner=d1&',
    '/prescriptions?patient=p7&',
    '/lab-orders?',
    '/lab-orders?status=draft&',
    '/lab-orders?patient=p7&',
    '/lab-results?',
    '/lab-results?patient=p0&',
    '/messages?',
    '/messages?practitioner=d1&',
    '/messages?patient=p7&',
    '/documents?',
    '/documents?patient=p7&',
    '/consents?',
    '/consents?patient=p7&',
    '/notifications?',
    '/notifications?patient=p7&',
    '/notifications?status=failed&',
  ])('%s', async (path) => {
    const { ids, plans } = await pagesOf(path, PAGES)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBe(PAGES * LIMIT)
    const ofList = plans.filter(({ planSummary }) => planSummary.startsWith('IXSCAN { tt: 1, s: 1, w: 1, _id: 1 }'))
    expect(ofList.length).toBe(PAGES)
    // Of two that share a key, what is neither is passed over
    for (const { docsExamined } of ofList) expect(docsExamined).toBeLessThanOrEqual(5 * (LIMIT + 1))
    for (const { keysExamined } of ofList) expect(keysExamined).toBeLessThanOrEqual(8 * (LIMIT + 1))
    for (const { planSummary } of plans) expect(planSummary).toMatch(/^IXSCAN/)
  })
})

test.each(['/waitlist?', '/people?', '/people?kind=patient&', '/cases?status=reported&', '/cases?q=S&'])(
  '%s is read off an index',
  async (path) => {
    const { ids, plans } = await pagesOf(path, PAGES)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { planSummary, keysExamined } of plans) {
      expect(planSummary).toMatch(/^(IXSCAN|EOF)/)
      expect(keysExamined).toBeLessThanOrEqual(200)
    }
  },
)

test('a name that changed, and what was changed in a line, is shown at once', async () => {
  const first = async (): Promise<Json | undefined> => {
    const { json } = await server.api('GET', '/appointments?patient=p7&order=latest&limit=1')
    return json['items']?.[0]
  }
  const before = await first()
  expect(before?.['patient']?.['name']).toBe('Fp7')
  await server.put({ resourceType: 'Patient', id: 'p7', name: [{ family: 'Other' }] })
  expect(await first()).toEqual({ ...before, patient: { id: 'p7', name: 'Other' } })
  const appointment = (await server.get(`Appointment/${before?.['id']}`)).json as unknown as Sample
  await server.put({ ...appointment, description: 'Moved' })
  expect(await first()).toMatchObject({ id: before?.['id'], reason: 'Moved', patient: { name: 'Other' } })
})
