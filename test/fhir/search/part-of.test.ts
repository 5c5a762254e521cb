/** `:above` and `:below` of references (R4 search.html#recursive): along `partOf`, however it is tangled. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { documentsOf, type FhirServer, idsOf, type Sample, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

function partOf(whole: string | undefined): object {
  return whole === undefined ? {} : { partOf: { reference: whole } }
}

/** A house with a floor, two rooms on it and a bed in one; who was where. */
async function openHouse(tenant?: string): Promise<void> {
  const places = { house: undefined, floor: 'house', room: 'floor', other: 'floor', bed: 'room', garden: undefined }
  for (const [id, whole] of Object.entries(places)) {
    const place = { resourceType: 'Location', id, ...partOf(whole && `Location/${whole}`) }
    await server.put(place, tenant === undefined ? {} : { tenant })
    const encounter = {
      resourceType: 'Encounter',
      id: `in-${id}`,
      location: [{ location: { reference: `Location/${id}` } }],
    }
    await server.put(encounter, tenant === undefined ? {} : { tenant })
  }
}

test('a search below a place finds what is there and in its parts, one above what is there and in what it is part of', async () => {
  await openHouse()
  const everywhere = ['bed', 'floor', 'house', 'other', 'room'].map((id) => `in-${id}`)
  expect(await server.ids('Encounter?location:below=house')).toEqual(everywhere)
  expect(await server.ids('Encounter?location:below=Location/room')).toEqual(['in-bed', 'in-room'])
  expect(await server.ids('Encounter?location:below=bed,garden')).toEqual(['in-bed', 'in-garden'])
  expect(await server.ids('Encounter?location:above=room')).toEqual(['in-floor', 'in-house', 'in-room'])
  expect(await server.ids('Encounter?location:above=nowhere')).toEqual([])
  expect(await server.ids('Location?partof:below=house')).toEqual(['bed', 'floor', 'other', 'room'])
  expect(await server.ids('Location?partof:above=room')).toEqual(['bed', 'floor', 'other', 'room'])
  const { json } = await server.get('Encounter?location:below=house')
  const self = json.link?.[0]?.url ?? ''
  expect(self).toContain('Encounter?location:below=house&')
  const absolute = self.replace(/Encounter.*/, 'Location/room')
  expect(await server.ids(`Encounter?location:below=${absolute}`)).toEqual(['in-bed', 'in-room'])
})

test('what was deleted holds nothing together', async () => {
  await server.put({ resourceType: 'Location', id: 'room', partOf: { reference: 'Location/floor' } }, { deleted: true })
  expect(await server.ids('Encounter?location:below=house')).toEqual(['in-floor', 'in-house', 'in-other'])
  await openHouse()
})

test('places of another tenant are no part of it', async () => {
  await server.store.tenants.insertOne({ _id: 'north', instance: 'q', key: 'north', name: 'north' })
  await openHouse('north')
  await server.put({ resourceType: 'Location', id: 'annex', ...partOf('Location/house') }, { tenant: 'north' })
  await server.put(
    { resourceType: 'Encounter', id: 'in-annex', location: [{ location: { reference: 'Location/annex' } }] },
    { tenant: 'north' },
  )
  expect(await server.ids('Encounter?location:below=house')).not.toContain('in-annex')
  const { json } = await server.get('/t/north/fhir/R4/Encounter?location:below=house')
  expect(idsOf(json)).toContain('in-annex')
})

test('what is no part of anything is refused, and so is what is of another server', async () => {
  const { status, text } = await server.get('Encounter?subject:below=Patient/1')
  expect([status, text]).toEqual([400, expect.stringContaining('has no modifier')])
  const other = await server.get('Encounter?location:below=https://other.example/fhir/Location/house')
  expect([other.status, other.text]).toEqual([400, expect.stringContaining('takes a resource of this server')])
})

test('too deep and too many are refused, not cut off', async () => {
  const deep = Array.from({ length: 25 }, (_, n) => ({
    id: `deep${n}`,
    ...partOf(n > 0 ? `Location/deep${n - 1}` : undefined),
  }))
  const many = Array.from({ length: 501 }, (_, n) => ({ id: `many${n}`, ...partOf('Location/wide') }))
  const places = [...deep, ...many].map((each) => documentsOf({ resourceType: 'Location', ...each }).document)
  await server.store.resources.insertMany(places)
  const below = async (id: string): Promise<string> => (await server.get(`Encounter?location:below=${id}`)).text
  expect(await below('deep0')).toContain('more than 20 times')
  expect(await below('deep10')).toContain('"total":0')
  expect(await below('wide')).toContain('more than 500 resources')
})

const COUNT = 12

test('in any tangle, circles too, it finds what going from one to the next finds', async () => {
  let worlds = 0
  const wholes = fc.array(fc.option(fc.nat({ max: COUNT - 1 }), { nil: undefined, freq: 4 }), {
    minLength: COUNT,
    maxLength: COUNT,
  })
  await fc.assert(
    fc.asyncProperty(wholes, fc.nat({ max: COUNT - 1 }), async (of, start) => {
      const tenant = `tangle${worlds++}`
      await server.store.tenants.insertOne({ _id: tenant, instance: 'q', key: tenant, name: tenant })
      const organizations = of.map((whole, n): Sample => ({
        resourceType: 'Organization',
        id: String(n),
        ...partOf(whole === undefined ? undefined : `Organization/${whole}`),
      }))
      const patients = of.map((_, n): Sample => ({
        resourceType: 'Patient',
        id: String(n),
        managingOrganization: { reference: `Organization/${n}` },
      }))
      await server.store.resources.insertMany(
        [...organizations, ...patients].map((each) => documentsOf(each, { tenant }).document),
      )
      const reaches = (from: number, to: number, seen = new Set<number>()): boolean => {
        if (from === to) return true
        const whole = of[from]
        return whole !== undefined && !seen.has(whole) && reaches(whole, to, seen.add(whole))
      }
      const all = of.map((_, n) => n)
      for (const [modifier, expected] of [
        ['below', all.filter((n) => reaches(n, start))],
        ['above', all.filter((n) => reaches(start, n))],
      ] as const) {
        const { json } = await server.get(`/t/${tenant}/fhir/R4/Patient?organization:${modifier}=${start}`)
        expect(
          idsOf(json)
            .map(Number)
            .sort((a, b) => a - b),
        ).toEqual(expected)
      }
    }),
    { numRuns: 25 },
  )
}, 60_000)
