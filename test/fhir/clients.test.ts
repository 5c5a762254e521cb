/** What apps are built with works here unchanged: MedplumClient and fhir-kit-client do their daily work. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { MedplumClient, OperationOutcomeError } from '@medplum/core'
import type { Bundle, BundleEntry, Observation, Patient } from '@medplum/fhirtypes'
import { Client as FhirKitClient } from 'fhir-kit-client'
import { type FhirServer, startFhirServer } from '../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

const MRN = 'urn:mrn'
const patient = (mrn: string, family: string): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system: MRN, value: mrn }],
  name: [{ family, given: ['Ada'] }],
  birthDate: '1980-02-29',
})
const pulse = (subject: string, day: number): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: subject },
  effectiveDateTime: `2024-05-0${day}T08:00:00Z`,
  valueQuantity: { value: 60 + day, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
})
const bundleOf = (type: Bundle['type'], entry: BundleEntry[]): Bundle => ({ resourceType: 'Bundle', type, entry })
const idsOf = (bundle: unknown): unknown[] => ((bundle as Bundle).entry ?? []).map(({ resource }) => resource?.id)
const FULL_URL = 'urn:uuid:6f7b1c9a-53c4-4d7e-9a0e-0b5b2b6b7a01'
const withItsPulse = (mrn: string): Bundle =>
  bundleOf('transaction', [
    { fullUrl: FULL_URL, resource: patient(mrn, 'Bundled'), request: { method: 'POST', url: 'Patient' } },
    { resource: pulse(FULL_URL, 1), request: { method: 'POST', url: 'Observation' } },
  ])

describe('MedplumClient', () => {
  let medplum: MedplumClient
  beforeAll(() => {
    medplum = new MedplumClient({ baseUrl: server.origin, fhirUrlPath: 'fhir/R4', fetch, cacheTime: 0 })
  })

  test('creates, reads, updates, patches, deletes, and sees the history', async () => {
    const made = await medplum.createResource(patient('m1', 'Lovelace'))
    const id = made.id ?? ''
    expect(made).toMatchObject({ resourceType: 'Patient', meta: { versionId: '1' } })
    expect(await medplum.readResource('Patient', id)).toEqual(made)
    const updated = await medplum.updateResource({ ...made, active: true })
    expect(updated).toMatchObject({ active: true, meta: { versionId: '2' } })
    const patched = await medplum.patchResource('Patient', id, [{ op: 'add', path: '/gender', value: 'female' }])
    expect(patched).toMatchObject({ active: true, gender: 'female', meta: { versionId: '3' } })
    expect(await medplum.readVersion('Patient', id, '1')).toEqual(made)
    expect((await medplum.readHistory('Patient', id)).entry).toHaveLength(3)
    await medplum.deleteResource('Patient', id)
    await expect(medplum.readResource('Patient', id)).rejects.toThrow(OperationOutcomeError)
  })

  test('creates unless there is one, and updates what a search finds', async () => {
    const query = `identifier=${MRN}|m2`
    const first = await medplum.createResourceIfNoneExist(patient('m2', 'Hopper'), query)
    expect(await medplum.createResourceIfNoneExist(patient('m2', 'Hopper'), query)).toEqual(first)
    const upserted = await medplum.upsertResource(patient('m2', 'Murray'), query)
    expect(upserted).toMatchObject({ id: first.id, name: [{ family: 'Murray' }] })
  })

  test('searches, follows pages, and includes', async () => {
    const { id } = await medplum.createResource(patient('m3', 'Paged'))
    const subject = `Patient/${id}`
    for (const day of [1, 2, 3, 4, 5]) await medplum.createResource(pulse(subject, day))
    const days: (string | undefined)[] = []
    for await (const page of medplum.searchResourcePages('Observation', { subject, _sort: '-date', _count: 2 })) {
      days.push(...page.map(({ effectiveDateTime }) => effectiveDateTime?.slice(9, 10)))
    }
    expect(days).toEqual(['5', '4', '3', '2', '1'])
    const found = await medplum.search('Observation', `subject=${subject}&_count=1&_include=Observation:subject`)
    expect(found.entry?.map(({ search }) => search?.mode)).toEqual(['match', 'include'])
    expect((await medplum.searchOne('Patient', 'family=paged'))?.id).toBe(id)
    expect(await medplum.searchOne('Patient', 'family=nobody')).toBeUndefined()
  })

  test('sends a transaction and a batch', async () => {
    const done = await medplum.executeBatch(withItsPulse('m4'))
    expect(done.entry?.map(({ response }) => response?.status)).toEqual(['201', '201'])
    const location = done.entry?.[0]?.response?.location ?? ''
    const id = /Patient\/([^/]+)/.exec(location)?.[1] ?? ''
    expect(await medplum.searchResources('Observation', { subject: `Patient/${id}` })).toHaveLength(1)
    const read = bundleOf(
      'batch',
      [`Patient/${id}`, 'Patient/nobody'].map((url) => ({ request: { method: 'GET', url } })),
    )
    expect((await medplum.executeBatch(read)).entry?.map(({ response }) => response?.status)).toEqual(['200', '404'])
  })
})

describe('fhir-kit-client', () => {
  let kit: FhirKitClient
  beforeAll(() => {
    kit = new FhirKitClient({ baseUrl: `${server.origin}/fhir/R4` })
  })
  const options = { resourceType: 'Patient' }

  test('reads the capabilities, creates, reads, updates, patches, deletes, and sees the history', async () => {
    expect(await kit.capabilityStatement()).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' })
    const made = (await kit.create({ ...options, body: { ...patient('k1', 'Curie') } })) as Patient
    const id = made.id ?? ''
    expect(await kit.read({ ...options, id })).toEqual(made)
    expect(await kit.update({ ...options, id, body: { ...made, active: true } })).toMatchObject({ active: true })
    const jsonPatch = [{ op: 'replace' as const, path: '/active', value: false }]
    expect(await kit.patch({ ...options, id, jsonPatch })).toMatchObject({ active: false, meta: { versionId: '3' } })
    expect(await kit.vread({ ...options, id, version: '1' })).toEqual(made)
    for (const history of [kit.history({ ...options, id }), kit.history({ ...options }), kit.history({})])
      expect(await history).toMatchObject({ resourceType: 'Bundle', type: 'history' })
    await kit.delete({ ...options, id })
    await expect(kit.read({ ...options, id })).rejects.toMatchObject({ response: { status: 410 } })
  })

  test('searches by GET and POST, and follows pages', async () => {
    for (const n of [1, 2, 3]) await kit.create({ ...options, body: { ...patient(`k2-${n}`, 'Meitner') } })
    const searchParams = { family: 'meitner', _count: 2, _sort: '_id' }
    const first = await kit.search({ ...options, searchParams })
    const next = await kit.nextPage({ bundle: first as Parameters<FhirKitClient['nextPage']>[0]['bundle'] })
    expect([idsOf(first), idsOf(next)].map(({ length }) => length)).toEqual([2, 1])
    const posted = await kit.search({ ...options, searchParams, options: { postSearch: true } })
    expect(idsOf(posted)).toEqual(idsOf(first))
  })

  test('sends a transaction and a batch, and resolves a reference', async () => {
    const done = (await kit.transaction({ body: { ...withItsPulse('k3'), type: 'transaction' } })) as unknown as Bundle
    expect(done.entry?.map(({ response }) => response?.status)).toEqual(['201', '201'])
    const url = /Observation\/[^/]+/.exec(done.entry?.[1]?.response?.location ?? '')?.[0] ?? ''
    const body = { ...bundleOf('batch', [{ request: { method: 'GET', url } }]), type: 'batch' as const }
    const read = (await kit.batch({ body })) as unknown as Bundle
    const reference = (read.entry?.[0]?.resource as Observation).subject?.reference ?? ''
    expect(await kit.resolve({ reference })).toMatchObject({ identifier: [{ value: 'k3' }] })
  })
})
