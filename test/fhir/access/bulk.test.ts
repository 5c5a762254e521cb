/** Exports and imports are asked with rights over all patients, hold what the scopes cover, and belong to who asked (BD7). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bearer, callersOf, type Tokens } from '../../support/callers.ts'
import { ASYNC, type BulkServer, namesIn, startBulkServer } from '../../support/bulk-server.ts'
import { samples, tokens as patients } from '../../support/two-patients.ts'

const tokens: Tokens = {
  ...patients,
  backend: { scope: 'system/*.rs' },
  other: { scope: 'system/*.rs' },
  two: { scope: 'system/Observation.rs?status=final system/Patient.read' },
  reader: { scope: 'system/*.r' },
  importer: { scope: 'system/*.cu clearance:V' },
  uncleared: { scope: 'system/*.cu' },
}

let bulk: BulkServer
beforeAll(async () => {
  bulk = await startBulkServer({ callerOf: callersOf(tokens) })
  for (const sample of samples) await bulk.server.put(sample)
  const [, , , , observation] = samples
  await bulk.server.put({ ...observation, resourceType: 'Observation', id: 'draft', status: 'preliminary' })
  bulk.startWorker()
})
afterAll(() => bulk.stop())

async function status(path: string, token: string, method = 'GET'): Promise<number> {
  const { headers } = bearer(token)
  return (await bulk.server.get(path, { method, headers: { ...ASYNC, ...headers } })).status
}

test('tokens of one patient, of a patient’s context and without searches export nothing', async () => {
  for (const token of ['all', 'clinician', 'reader', 'nobody']) {
    for (const path of ['$export', 'Patient/$export', 'Group/one/$export']) {
      expect(`${token} ${path} ${await status(path, token)}`).toBe(`${token} ${path} 403`)
    }
    expect(await status('$import', token, 'POST')).toBe(403)
  }
  expect(await status('$import', 'backend', 'POST')).toBe(403)
  expect(await status('$import', 'uncleared', 'POST')).toBe(403)
  expect(await status('$import', 'importer', 'POST')).not.toBe(403)
})

test('an export holds what its scopes cover: types that are named must be covered, others are left out', async () => {
  expect(await status('$export?_type=Condition', 'two')).toBe(403)
  expect(await status('$export?_type=Observation,Condition', 'two')).toBe(403)
  expect(await status('Group/one/$export', 'two')).toBe(403)
  const manifest = await bulk.manifest('$export', bearer('two'))
  const names = await namesIn(manifest.output, bearer('two'))
  const found = samples.map(({ resourceType, id }) => `${resourceType}/${id}`).sort()
  expect(names).toEqual(found.filter((name) => /^(Observation|Patient)\//.test(name)))
})

test('staff exports as far as role and scope go', async () => {
  const manifest = await bulk.manifest('Patient/$export?_type=Task', bearer('staff'))
  expect(await namesIn(manifest.output, bearer('staff'))).toEqual(['Task/t1', 'Task/t2'])
})

test('the compartment of a search and the export of a patient are the same set (X15)', async () => {
  const manifest = await bulk.manifest('Patient/$export?_typeFilter=Patient?_id=p1', bearer('backend'))
  expect(manifest.output.length).toBeGreaterThan(0)
  const group = await bulk.manifest('Group/one/$export', bearer('backend'))
  const exported = (await namesIn(group.output, bearer('backend'))).filter((name) => !name.startsWith('Provenance/'))
  const { json } = await bulk.server.get('Patient/p1/*?_count=100', bearer('backend'))
  const searched = (json.entry ?? []).map(({ resource }) => `${resource?.resourceType}/${resource?.id}`)
  expect(exported).toEqual(searched.filter((name) => !name.startsWith('Provenance/')).sort())
})

test('status and files are those of who asked', async () => {
  const address = await bulk.begin('$export?_type=Patient', bearer('backend'))
  const done = await bulk.ended(address, bearer('backend'))
  const [file] = (JSON.parse(done.text) as { output: { url: string }[] }).output
  for (const url of [address, file?.url ?? '']) {
    expect((await fetch(url, bearer('other'))).status).toBe(404)
    expect((await fetch(url, bearer('backend'))).status).toBe(200)
  }
  expect((await bulk.server.get(address, { method: 'DELETE', ...bearer('other') })).status).toBe(404)
  expect((await bulk.server.get(address, { method: 'DELETE', ...bearer('backend') })).status).toBe(202)
})
