/** Exports are in the reports of those whose records they had. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Trail } from '../../src/audit/trail.ts'
import { addAudit } from '../../src/store/audit.ts'
import { EVERYBODY } from '../../src/store/audit-documents.ts'
import { startAuditServer, type AuditServer } from '../support/audit-server.ts'
import { ASYNC, startBulkServer } from '../support/bulk-server.ts'
import { bearer, callersOf } from '../support/callers.ts'
import { samples } from '../support/two-patients.ts'

let server: AuditServer
beforeAll(async () => {
  server = await startAuditServer()
  for (const id of ['p1', 'p2', 'p3']) await server.put({ resourceType: 'Patient', id })
})
afterAll(() => server.stop())

function exported(path: readonly string[], patients: readonly string[], client: string) {
  const trail = new Trail({ tenant: 'default', method: 'GET', path, query: [], who: { client } })
  trail.exports(patients)
  return trail.end(202)
}

async function reported(patient: string): Promise<string[]> {
  const { json } = await server.get(`Patient/${patient}/$access-report`)
  const events = (json.entry ?? []).map(({ resource }) => JSON.stringify(resource))
  for (const event of events) expect(event).not.toContain('Patient/*')
  return ['of-group', 'of-all'].filter((client) => events.some((event) => event.includes(`"${client}"`)))
}

test('who exported a group is told to those who were in it, who exported everything to all', async () => {
  const events = [
    ...exported(['Group', 'g', '$export'], ['p1', 'p2'], 'of-group'),
    ...exported(['$export'], [EVERYBODY], 'of-all'),
  ]
  await addAudit(server.store, events)
  expect(events.map(({ kind, what }) => [kind, what])).toEqual([
    ['$export', [{ p: ['p1', 'p2'], n: ['Group/g'] }]],
    ['$export', [{ p: [EVERYBODY], n: [] }]],
  ])
  expect(await reported('p1')).toEqual(['of-group', 'of-all'])
  expect(await reported('p3')).toEqual(['of-all'])
  const report = await server.get('Patient/p1/$access-report')
  expect(report.text).not.toContain('Patient/p2')
})

test('of a large group there are several events', () => {
  const members = Array.from({ length: 4_500 }, (_, number) => `p${number}`)
  const events = exported(['Group', 'g', '$export'], members, 'of-group')
  expect(events.map(({ what = [] }) => what[0]?.p?.length)).toEqual([2_000, 2_000, 500])
})

test('whoever begins the export of a group is in the reports of its members, and in nobody else’s', async () => {
  const tokens = { backend: { scope: 'system/*.rs' }, office: { scope: 'system/*.rs' } }
  const bulk = await startBulkServer({
    callerOf: callersOf(tokens),
    audit: (store) => ({ put: (events) => addAudit(store, events) }),
  })
  try {
    for (const sample of samples) await bulk.server.put(sample)
    const { headers } = bearer('backend')
    const begun = await bulk.server.get('Group/one/$export', { headers: { ...ASYNC, ...headers } })
    expect(begun.status).toBe(202)
    const report = async (patient: string): Promise<string> =>
      (await bulk.server.get(`Patient/${patient}/$access-report`, bearer('office'))).text
    const [own, other] = [await report('p1'), await report('p2')]
    expect(own).toContain('{"code":"$export"}')
    expect([own.includes('"backend"'), other.includes('"backend"'), own.includes('Patient/p2')]).toEqual([
      true,
      false,
      false,
    ])
  } finally {
    await bulk.stop()
  }
})
