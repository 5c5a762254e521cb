/**
 * What MongoDB is asked for a Permit, and what the Permit says of a resource by itself, are the same: whatever the scopes, a
 * search finds everything that is there and allowed, by its keys, and nothing else.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isAllowed, only } from '../../../src/access/allowed.ts'
import type { Denial } from '../../../src/access/denial.ts'
import type { Credential } from '../../../src/access/credential.ts'
import type { Permit } from '../../../src/access/permit.ts'
import { permitOf } from '../../../src/access/permit.ts'
import { permitted } from '../../../src/store/permit-filter.ts'
import { resourceReader } from '../../../src/store/resource-reader.ts'
import { bearer, callersOf } from '../../support/callers.ts'
import { type FhirServer, type Sample, startFhirServer } from '../../support/fhir-server.ts'

const ids = ['p1', 'p2', 'p3'] as const
const TYPES = ['Observation', 'Condition', 'Patient', 'Group', 'Practitioner', 'Communication', 'Schedule', 'Binary']

const SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
function marked(index: number, category: string): object {
  const code = ['R', 'V', 'N', 'R'][index]
  return code === undefined || category !== 'laboratory' ? {} : { meta: { security: [{ system: SYSTEM, code }] } }
}

const ELSEWHERE = 'https://a.example/fhir/'

/** Of every patient and of two at once, of each category, and some of nobody; a few are of them with an address before it. */
function world(): Sample[] {
  const to = (id: string) => ({ reference: `Patient/${id}` })
  const people = [[], ...ids.map((id) => [id]), ['p1', 'p2'], ['p2', 'p3']]
  const records = people.flatMap((of, index): Sample[] => {
    const [first, second] = of
    const subject = first === undefined ? {} : { subject: to(first) }
    return [
      ...['laboratory', 'vital-signs'].map((category) => ({
        ...{
          resourceType: 'Observation',
          id: `o${index}${category}`,
          status: 'final',
          code: { text: 'x' },
          ...subject,
        },
        category: [{ coding: [{ code: category }] }],
        ...marked(index, category),
        ...(second !== undefined && { performer: [to(second)] }),
      })),
      {
        resourceType: 'Condition',
        id: `c${index}`,
        ...subject,
        code: { coding: [{ system: 'urn:c', code: String(index) }] },
      },
      {
        resourceType: 'Group',
        id: `g${index}`,
        type: 'person',
        actual: true,
        member: of.map((id) => ({ entity: to(id) })),
      },
      { resourceType: 'Communication', id: `m${index}`, status: 'completed', ...subject, recipient: of.map(to) },
      { resourceType: 'Schedule', id: `s${index}`, actor: [{ reference: 'Practitioner/d1' }, ...of.map(to)] },
    ]
  })
  const others = ['d1', 'd2'].map((id) => ({ resourceType: 'Practitioner', id }))
  const spelled = {
    ...{ resourceType: 'Observation', id: 'spelled', status: 'final', code: { text: 'x' } },
    ...{ subject: { reference: `${ELSEWHERE}Patient/p1` }, performer: [to('p2')] },
  }
  // p1 sees the first for another reason than that it is of the list, and not the second
  const [seen, restricted] = [
    { ...spelled, id: 'spelled-seen', performer: [to('p1')] },
    { ...spelled, id: 'spelled-restricted', performer: [to('p1')], ...marked(0, 'laboratory') },
  ]
  const unseen = { ...spelled, id: 'spelled-unseen', subject: { reference: `${ELSEWHERE}Patient/p3` } }
  const binary = { resourceType: 'Binary', id: 'b', contentType: 'text/plain', securityContext: to('p1') }
  return [
    ...records,
    ...others,
    spelled,
    seen,
    restricted,
    unseen,
    binary,
    ...ids.map((id) => ({ resourceType: 'Patient', id })),
  ]
}

const scope = fc
  .tuple(
    fc.constantFrom('patient', 'user', 'system'),
    fc.constantFrom('*', ...TYPES, 'Observation', 'Observation'),
    fc.subarray(['c', 'r', 'u', 'd', 's'], { minLength: 1 }),
    fc.constantFrom('', '', '?category=laboratory', '?category=vital-signs,laboratory', '?category=survey'),
  )
  .map(([level, type, letters, query]) => `${level}/${type}.${letters.join('')}${type === 'Observation' ? query : ''}`)

const user = fc.record({
  account: fc.constant('a'),
  person: fc.constantFrom('Practitioner/d1', 'Patient/p1', 'Patient/p3', 'RelatedPerson/r'),
  representing: fc.subarray(['p2', 'p3']),
  permissions: fc.subarray([
    '*.cruds',
    '*.rs',
    'Observation.rs?category=laboratory',
    'Group.r',
    'clearance:R',
    'clearance:V',
  ]),
})

const ofPatients = fc.subarray([...ids])
const code = fc.constantFrom({ system: 'urn:c', code: '1' }, { code: 'laboratory' }, { system: 'urn:c' })
const plain = fc.record(
  {
    types: fc.subarray(TYPES),
    patients: ofPatients,
    level: fc.constantFrom('R' as const, 'V' as const),
    labels: fc.constant([{ system: SYSTEM, code: 'N' }]),
    codes: fc.array(code, { minLength: 1, maxLength: 2 }),
    about: fc.subarray(['Condition/c1', 'Practitioner/d1', 'Patient/p2', 'Observation/o2laboratory']),
    except: ofPatients,
  },
  { requiredKeys: [] },
)
const denial: fc.Arbitrary<Denial> = fc
  .tuple(plain, fc.array(plain, { maxLength: 2 }))
  .map(([one, but]) => ({ ...one, ...(but.length > 0 && { but }) }))

const credential: fc.Arbitrary<Credential> = fc
  .record({
    scopes: fc.array(fc.oneof({ weight: 5, arbitrary: scope }, { weight: 1, arbitrary: fc.constant('clearance:R') }), {
      maxLength: 4,
    }),
    patient: fc.option(fc.constantFrom(...ids, 'nobody'), { nil: undefined }),
    user: fc.option(user, { nil: undefined }),
  })
  .map(({ scopes, patient, user: person }) => ({
    ...{ tenant: 'default', client: 'c', scope: scopes.join(' ') },
    ...(patient !== undefined && { patient }),
    ...(person && { user: person }),
  }))

const denials = fc.array(denial, { maxLength: 3 })

const asked: Record<string, Credential> = {}
let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ callerOf: callersOf(asked) })
  for (const sample of world()) await server.put(sample)
})
afterAll(() => server.stop())

async function documents() {
  return server.store.resources.find({}, { projection: { _id: 1, k: 1, d: 1 } }).toArray()
}

function namesAllowed(permit: Permit, letter: 'r' | 's', all: Awaited<ReturnType<typeof documents>>): string[] {
  const names = all.filter(({ _id, k, d }) => {
    const [, type = '', id = ''] = _id.split('/')
    return isAllowed(permit, letter, type, id, { k, d })
  })
  return names.map(({ _id }) => _id.slice('default/'.length)).sort()
}

test('searches of each type and of all find what is there and allowed to be searched', async () => {
  const all = await documents()
  await fc.assert(
    fc.asyncProperty(credential, fc.constantFrom('', ...TYPES), async (one, type) => {
      asked['one'] = one
      const { status, json } = await server.get(`${type}?_count=500`, bearer('one'))
      const wanted = namesAllowed(permitOf(one), 's', all).filter((name) => type === '' || name.startsWith(`${type}/`))
      if (status === 403) expect(wanted).toEqual([])
      else {
        const found = (json.entry ?? []).map(({ resource }) => `${resource?.resourceType}/${resource?.id}`)
        expect([status, json.total, found.sort()]).toEqual([200, wanted.length, wanted])
      }
    }),
    { numRuns: 150 },
  )
})

test('reads and queries of the store find the same, with and without a word on the types', async () => {
  const all = await documents()
  const reader = resourceReader(server.store)
  await fc.assert(
    fc.asyncProperty(credential, fc.constantFrom('r' as const, 's' as const), denials, async (one, letter, denied) => {
      const whole = permitOf(one)
      const permit = only(denied.length > 0 ? { ...whole, denials: denied } : whole, letter)
      const wanted = namesAllowed(permit, letter, all).map((name) => `default/${name}`)
      expect((await reader.identify(permit, { deleted: false }, 1_000)).sort()).toEqual(wanted)
      expect(await reader.count(permit, { filter: { deleted: false }, most: Infinity })).toBe(wanted.length)
      const read = await Promise.all(
        all.map(async ({ _id }) => {
          const [, type = '', id = ''] = _id.split('/')
          return (await reader.read(permit, type, id))?._id
        }),
      )
      expect(read.filter((id) => id !== undefined).sort()).toEqual(wanted)
      const versions = await reader.versions(permit, { filter: {}, sort: { u: -1, _id: -1 }, limit: 1_000 })
      expect(versions.map(({ _id }) => _id.replace(/\/\d+$/, '')).sort()).toEqual(wanted)
    }),
    { numRuns: 80 },
  )
})

const listings = ids.flatMap((id) => [[id], [id, `${ELSEWHERE}${id}`], [id, 'p2'], [`${ELSEWHERE}${id}`]])
const listed = ids.flatMap((patient) => listings.map((of) => ({ patient, of })))

test.each(listed)(
  'a list ($of) shows and counts what $patient may see of it, whatever is denied',
  async ({ patient, of }) => {
    const reader = resourceReader(server.store)
    const keys = of.map((id) => `patient=${id.replace(/\w+$/, 'Patient/$&')}`)
    const filter = { tt: 'default/Observation', s: { $in: keys } }
    const all = (await documents()).filter((each) => each.k.some((key) => keys.includes(key)))
    const observations = all.filter(({ _id }) => _id.startsWith('default/Observation/'))
    const laboratory = { codes: [{ code: 'laboratory' }] }
    const denying: Denial[][] = [
      [],
      [{ level: 'R' }],
      [laboratory],
      [{ level: 'V' }],
      [{ level: 'V' }, laboratory],
      [{ patients: [patient] }],
    ]
    for (const scope of [
      'patient/*.s',
      'patient/Observation.s?category=laboratory',
      'patient/*.s user/Observation.s',
    ]) {
      for (const denied of denying) {
        const whole = permitOf({ tenant: 'default', client: 'c', patient, scope })
        const permit = only({ ...whole, denials: denied }, 's')
        const wanted = namesAllowed(permit, 's', observations).map((name) => `default/${name}`)
        const asked = { filter, sort: { w: -1, _id: -1 } as const, limit: 100, fields: [] }
        for (const few of [false, true]) {
          const [page, count] = await reader.atMoment(undefined, async (then) => [
            await then.find(permit, { ...asked, few }),
            await then.count(permit, { filter, most: Infinity, few }),
          ])
          const found = page.map(({ _id }) => _id).sort()
          expect([scope, denied, few, found, count]).toEqual([scope, denied, few, wanted, wanted.length])
        }
      }
    }
  },
)

test('of what many read in one turn each sees what their own Permit shows', async () => {
  const all = await documents()
  const reader = resourceReader(server.store)
  const readers = fc.array(fc.tuple(credential, denials), { minLength: 2, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(readers, async (ones) => {
      const permits = ones.map(([one, denied]) => {
        const whole = permitOf(one)
        return only(denied.length > 0 ? { ...whole, denials: denied } : whole, 'r')
      })
      // All are asked for before the first is looked up, document by document
      const asked = all.flatMap(({ _id }) => permits.map((permit) => ({ _id, permit })))
      const read = await Promise.all(
        asked.map(async ({ _id, permit }) => {
          const [, type = '', id = ''] = _id.split('/')
          return (await reader.read(permit, type, id))?._id
        }),
      )
      for (const [place, permit] of permits.entries()) {
        const seen = read.filter((id, index) => id !== undefined && index % permits.length === place)
        expect(seen.sort()).toEqual(namesAllowed(permit, 'r', all).map((name) => `default/${name}`))
      }
    }),
    { numRuns: 60 },
  )
})

test('a denial by codes is one predicate for most types, as one without codes is', () => {
  const whole = permitOf({ tenant: 'default', client: 'c', scope: 'system/*.rs' })
  const branches = (denied: Denial): number => {
    const text = JSON.stringify(permitted({ ...whole, denials: [denied] }, {}))
    return text.split('"tt":').length - 1
  }
  const codes = [{ system: 'urn:c', code: '1' }]
  expect(branches({ patients: ['p1'], codes })).toBeLessThan(1.5 * branches({ patients: ['p1'] }))
})
