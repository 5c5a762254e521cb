/** What patients deny by Consents is on no path for whom they deny it, from the moment the Consent is written. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { openStore } from '../../../src/store/collections.ts'
import { restrictionsOf } from '../../../src/store/restrictions.ts'
import { bearer, callersOf } from '../../support/callers.ts'
import { type Answer, type FhirServer, type Sample, startFhirServer } from '../../support/fhir-server.ts'

const staff = (id: string, ...more: string[]) => ({
  scope: 'user/*.cruds',
  user: { account: id, person: `Practitioner/${id}`, representing: [], permissions: ['*.cruds', ...more] },
})
const tokens = {
  d: staff('d'),
  e: staff('e'),
  exempt: staff('e', 'clearance:consent'),
  glass: staff('g', 'break-glass:use'),
  app: { scope: 'system/*.cruds' },
  research: { scope: 'system/*.cruds purpose:CLINTRCH' },
  engine: { scope: 'system/*.cruds clearance:consent' },
  patient: {
    ...{ scope: 'user/*.cruds' },
    user: { account: 'p', person: 'Patient/p1', representing: [], permissions: ['*.cruds'] },
  },
  parent: {
    ...{ scope: 'user/*.rs' },
    user: { account: 'r', person: 'RelatedPerson/r', representing: ['p1'], permissions: ['*.rs'] },
  },
}
type Token = keyof typeof tokens

const to = (reference: string): object => ({ reference })
const observation = (id: string, of: string, code: string, more: object = {}): Sample => ({
  ...{ resourceType: 'Observation', id, status: 'final', subject: to(`Patient/${of}`) },
  ...{ code: { coding: [{ system: 'urn:c', code }] }, ...more },
})
const samples: Sample[] = [
  ...['p1', 'p2'].flatMap((id): Sample[] => [
    { resourceType: 'Patient', id },
    observation(`hiv-${id}`, id, 'hiv'),
    observation(`bp-${id}`, id, 'bp'),
    {
      resourceType: 'Condition',
      id: `c-${id}`,
      subject: to(`Patient/${id}`),
      code: { coding: [{ system: 'urn:c', code: 'hiv' }] },
    },
  ]),
  observation('refers', 'p1', 'bp', { hasMember: [to('Observation/hiv-p1')] }),
  { resourceType: 'Practitioner', id: 'd' },
  { resourceType: 'Practitioner', id: 'e' },
]
const ROLE = {
  resourceType: 'PractitionerRole',
  id: 'role',
  practitioner: to('Practitioner/d'),
  organization: to('Organization/o'),
}
const OTHER_ROLE = { ...ROLE, id: 'other', practitioner: to('Practitioner/e'), organization: to('Organization/x') }

const team = (id: string, ...participant: object[]) => ({ resourceType: 'CareTeam', id, status: 'active', participant })
const TEAMS = [
  team('of-d', { member: to('Practitioner/d') }),
  { ...team('stopped', { member: to('Practitioner/d') }), status: 'inactive' },
  team('of-teams', { member: to('CareTeam/of-d') }, { member: to('CareTeam/of-teams') }),
  team('of-o', { member: to('Organization/o') }),
  team('of-role', { member: to('PractitionerRole/other') }),
  team('left', { member: to('Practitioner/d'), period: { end: '2020' } }, { member: to('Practitioner/e') }),
  team('by-name', { member: { display: 'Dr E' } }),
]

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ callerOf: callersOf(tokens) })
  for (const sample of samples) await server.put(sample)
  for (const role of [ROLE, OTHER_ROLE]) await server.send('PUT', `PractitionerRole/${role.id}`, role)
  for (const team of TEAMS) await server.send('PUT', `CareTeam/${team.id}`, team)
})
afterAll(() => server.stop())
beforeEach(async () => {
  for (const id of ['one', 'two']) await server.send('DELETE', `Consent/${id}`)
})

async function consent(provision: object | undefined, more: object = {}, id = 'one', of = 'p1'): Promise<Answer> {
  const coding = (system: string, code: string) => ({ coding: [{ system, code }] })
  const answer = await server.send('PUT', `Consent/${id}`, {
    ...{ resourceType: 'Consent', id, status: 'active', patient: to(`Patient/${of}`) },
    scope: coding('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [coding('http://loinc.org', '59284-0')],
    policyRule: coding('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
    ...(provision && { provision }),
    ...more,
  })
  expect([200, 201]).toContain(answer.status)
  return answer
}

async function seen(token: Token, type = 'Observation'): Promise<string> {
  const { json, text } = await server.get(`${type}?_count=50`, bearer(token))
  if (!json.resourceType.startsWith('Bundle')) throw new Error(text)
  return (json.entry ?? [])
    .map(({ resource }) => String(resource?.id))
    .sort()
    .join(' ')
}

const ALL = 'bp-p1 bp-p2 hiv-p1 hiv-p2 refers'
const P2 = 'bp-p2 hiv-p2'
const actor = (reference: object) => ({ role: { coding: [{ code: 'PRCP' }] }, reference })
const HIV = { coding: [{ system: 'urn:c', code: 'hiv' }] }
const OBSERVATION = { system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }
const deny = (more: object = {}) => ({ type: 'deny', ...more })

test('a denial of everything hides the record from everybody but the patient, and who is not held to Consents', async () => {
  await consent(deny())
  for (const token of ['d', 'e', 'app', 'glass'] as const) expect(await seen(token)).toBe(P2)
  expect(await seen('parent')).toBe('')
  for (const token of ['exempt', 'engine'] as const) expect(await seen(token)).toBe(ALL)
  expect(await seen('patient')).toBe('bp-p1 hiv-p1 refers')
  const never = await server.get('Patient/never-was', bearer('d'))
  for (const rest of ['', '/_history', '/$everything', '/$summary']) {
    const other = await server.get(`Patient/never-was${rest}`, bearer('d'))
    const answer = await server.get(`Patient/p1${rest}`, bearer('d'))
    expect([rest, answer.status, answer.text]).toEqual([rest, 404, other.text])
  }
  const put = await server.send('PUT', 'Observation/bp-p1', observation('bp-p1', 'p1', 'bp'), bearer('d').headers)
  expect([put.status, put.text]).toEqual([404, never.text.replace('Patient', 'Observation')])
  const moved = await server.send('PUT', 'Observation/bp-p2', observation('bp-p2', 'p1', 'bp'), bearer('d').headers)
  expect(moved.status).toBe(403)
  await consent(deny(), { status: 'inactive' })
  expect(await seen('d')).toBe(ALL)
})

test('it is on no path', async () => {
  await consent(deny({ code: [HIV] }))
  const paths: [string, string][] = [
    ['Observation?_summary=count', '"total":4'],
    ['Observation?code=urn:c|hiv', '"total":1'],
    ['Patient?_has:Observation:patient:code=urn:c|hiv', '"total":1'],
    ['Observation?has-member.code=urn:c|hiv', '"total":0'],
  ]
  for (const [path, part] of paths) expect((await server.get(path, bearer('d'))).text).toContain(part)
  for (const path of [
    'Observation?_id=refers&_include=*&_include:iterate=*',
    ...[
      'Patient?_id=p1&_revinclude=*',
      'Patient/p1/$everything',
      'Patient/p1/*',
      '_history?_count=100',
      'Observation/_history',
    ],
    `$graphql?query=${encodeURIComponent('{ ObservationList { id } }')}`,
  ]) {
    const answer = await server.get(path, bearer('d'))
    expect([path, answer.status]).toEqual([path, 200])
    expect(answer.text).not.toMatch(/"(id":"|fullUrl":"[^"]*\/)(hiv|c)-p1"/)
  }
})

test.each<[string, object | undefined, object, string, string]>([
  ['a type', deny({ class: [OBSERVATION] }), {}, P2, P2],
  ['a type of another system, which is not understood', deny({ class: [{ system: 'urn:x', code: 'y' }] }), {}, P2, P2],
  ['a code', deny({ code: [HIV] }), {}, 'bp-p1 bp-p2 hiv-p2 refers', 'bp-p1 bp-p2 hiv-p2 refers'],
  ['a text', deny({ code: [{ text: 'my illness' }] }), {}, P2, P2],
  ['a practitioner', deny({ actor: [actor(to('Practitioner/d'))] }), {}, P2, ALL],
  ['a role', deny({ actor: [actor(to('PractitionerRole/other'))] }), {}, ALL, P2],
  ['an organization', deny({ actor: [actor(to('Organization/o'))] }), {}, P2, ALL],
  ['a team', deny({ actor: [actor(to('CareTeam/of-d'))] }), {}, P2, ALL],
  ['a team that is not active any more', deny({ actor: [actor(to('CareTeam/stopped'))] }), {}, P2, ALL],
  ['a team of teams', deny({ actor: [actor(to('CareTeam/of-teams'))] }), {}, P2, ALL],
  ['a team of an organization', deny({ actor: [actor(to('CareTeam/of-o'))] }), {}, P2, ALL],
  ['a team of a role', deny({ actor: [actor(to('CareTeam/of-role'))] }), {}, ALL, P2],
  ['a team that somebody left', deny({ actor: [actor(to('CareTeam/left'))] }), {}, ALL, P2],
  ['a team of who is known by name alone', deny({ actor: [actor(to('CareTeam/by-name'))] }), {}, P2, P2],
  ['a team that is not here', deny({ actor: [actor(to('CareTeam/t'))] }), {}, P2, P2],
  [
    'all but for a team',
    deny({ provision: [{ type: 'permit', actor: [actor(to('CareTeam/of-d'))] }] }),
    ...([{}, ALL, P2] as const),
  ],
  [
    'all but for a team that is not active any more',
    deny({ provision: [{ type: 'permit', actor: [actor(to('CareTeam/stopped'))] }] }),
    ...([{}, P2, P2] as const),
  ],
  ['another app', deny({ actor: [actor(to('Device/d'))] }), {}, P2, ALL],
  ['an app by its identifier', deny({ actor: [actor({ identifier: { value: 'e' } })] }), {}, ALL, P2],
  [
    'one resource',
    deny({ data: [{ meaning: 'instance', reference: to('Observation/hiv-p1') }] }),
    {},
    'bp-p1 bp-p2 hiv-p2 refers',
    'bp-p1 bp-p2 hiv-p2 refers',
  ],
  [
    'what refers to one as well',
    deny({ data: [{ meaning: 'related', reference: to('Observation/hiv-p1') }] }),
    {},
    'bp-p1 bp-p2 hiv-p2',
    'bp-p1 bp-p2 hiv-p2',
  ],
  [
    'another patient’s resource',
    deny({ data: [{ meaning: 'instance', reference: to('Observation/hiv-p2') }] }),
    {},
    ALL,
    ALL,
  ],
  ['a time that is over', deny({ period: { end: '2020-01-01' } }), {}, ALL, ALL],
  ['a time to come', deny({ period: { start: '2120-01-01' } }), {}, ALL, ALL],
  ['a time that is now', deny({ period: { start: '2020', end: '2120-01' } }), {}, P2, P2],
  ['one purpose, which nobody says', deny({ purpose: [{ code: 'HMARKT' }] }), {}, P2, P2],
  ['all but for one', deny({ provision: [{ type: 'permit', actor: [actor(to('Practitioner/e'))] }] }), {}, P2, ALL],
  [
    'all but a code',
    deny({ provision: [{ type: 'permit', code: [HIV] }] }),
    {},
    'bp-p2 hiv-p1 hiv-p2',
    'bp-p2 hiv-p1 hiv-p2',
  ],
  ['all but what is not understood', deny({ provision: [{ type: 'permit', code: [{ text: 'x' }] }] }), {}, P2, P2],
  [
    'an exception with an exception',
    deny({ provision: [{ type: 'permit', class: [OBSERVATION], provision: [{ type: 'deny', code: [HIV] }] }] }),
    ...([{}, 'bp-p1 bp-p2 hiv-p2 refers', 'bp-p1 bp-p2 hiv-p2 refers'] as const),
  ],
  [
    'an exception of a permission',
    { type: 'permit', provision: [deny({ code: [HIV] })] },
    {},
    'bp-p1 bp-p2 hiv-p2 refers',
    'bp-p1 bp-p2 hiv-p2 refers',
  ],
  ['a base rule alone', undefined, { policyRule: { coding: [{ code: 'OPTOUT' }] } }, P2, P2],
  ['nothing, as it was rejected', deny(), { status: 'rejected' }, ALL, ALL],
  ['a treatment, which is another matter', deny(), { scope: { coding: [{ code: 'treatment' }] } }, ALL, ALL],
])('a denial of %s', async (_what, provision, more, forD, forE) => {
  await consent(provision, more)
  expect([await seen('d'), await seen('e')]).toEqual([forD, forE])
  expect(await seen('patient')).toBe('bp-p1 hiv-p1 refers')
})

test('who says what they read for is held to what is denied for that', async () => {
  const seenBy = async (provision: object): Promise<string[]> => {
    await consent(provision)
    return Promise.all((['research', 'app', 'd'] as const).map((token) => seen(token)))
  }
  const purpose = (...codes: string[]) => ({ purpose: codes.map((code) => ({ code })) })
  expect(await seenBy(deny(purpose('HMARKT')))).toEqual([ALL, P2, P2])
  for (const code of ['HRESCH', 'CLINTRCH', 'CLINTRCHNPC']) {
    expect(await seenBy(deny(purpose('HMARKT', code)))).toEqual([P2, P2, P2])
  }
  expect(await seenBy(deny({ purpose: [{ system: 'urn:own', code: 'HMARKT' }] }))).toEqual([P2, P2, P2])
  const but = (code: string) => deny({ provision: [{ type: 'permit', ...purpose(code) }] })
  expect(await seenBy(but('HRESCH'))).toEqual([ALL, P2, P2])
  expect(await seenBy(but('CLINTRCHNPC'))).toEqual([P2, P2, P2])
})

test('who joins a team and who leaves it is meant from then on', async () => {
  await consent(deny({ actor: [actor(to('CareTeam/new'))] }))
  await server.send('PUT', 'CareTeam/new', team('new', { member: to('Practitioner/x') }))
  expect([await seen('d'), await seen('e')]).toEqual([ALL, ALL])
  await server.send('PUT', 'CareTeam/new', team('new', { member: to('Practitioner/d') }))
  expect([await seen('d'), await seen('e')]).toEqual([P2, ALL])
  await server.send('PUT', 'CareTeam/new', team('new', { member: to('Practitioner/e') }))
  expect([await seen('d'), await seen('e')]).toEqual([ALL, P2])
})

test('a denial of data of a time is of what may be of it, a permission of what certainly is', async () => {
  const dates: Record<string, object> = {
    before: { effectiveDateTime: '2019-05-05' },
    within: { effectiveDateTime: '2020-05-05' },
    across: { effectivePeriod: { start: '2020-12-01', end: '2021-01-10' } },
    since: { effectivePeriod: { start: '2019-01-01' } },
    after: { effectiveDateTime: '2021-05-05' },
    undated: {},
  }
  for (const [id, more] of Object.entries(dates)) {
    await server.send('PUT', `Observation/t-${id}`, observation(`t-${id}`, 'p1', 'dated', more))
  }
  const left = async (): Promise<string[]> => {
    const { json } = await server.get('Observation?code=urn:c|dated', bearer('d'))
    return (json.entry ?? []).map(({ resource }) => String(resource?.id).slice(2)).sort()
  }
  const dataPeriod = { start: '2020-01-02', end: '2020-12-30' }
  await consent(deny({ dataPeriod }))
  expect(await left()).toEqual(['after', 'before'])
  for (const [id, status] of Object.entries({ before: 200, within: 404, undated: 404 })) {
    for (const rest of ['', '/_history', '/_history/1']) {
      const answer = await server.get(`Observation/t-${id}${rest}`, bearer('d'))
      expect([id, rest, answer.status]).toEqual([id, rest, status])
    }
  }
  expect((await server.get('Patient/p1', bearer('d'))).status).toBe(200)
  const moved = observation('t-after', 'p1', 'dated', dates['within'])
  expect((await server.send('PUT', 'Observation/t-after', moved, bearer('d').headers)).status).toBe(403)
  await consent(deny({ provision: [{ type: 'permit', dataPeriod }] }))
  expect(await left()).toEqual(['within'])
  for (const id of Object.keys(dates)) await server.send('DELETE', `Observation/t-${id}`)
})

test('Consents of many patients are one denial where they say the same', async () => {
  await consent(deny({ class: [OBSERVATION] }))
  await consent(deny({ class: [OBSERVATION] }), {}, 'two', 'p2')
  expect(await seen('d')).toBe('')
  expect(await seen('d', 'Condition')).toBe('c-p1 c-p2')
})

test('in an emergency what is denied is there', async () => {
  await consent(deny())
  await consent(deny(), {}, 'two', 'p2')
  const parameter = [
    { name: 'reason', valueString: 'Unconscious' },
    { name: 'purpose', valueCode: 'ETREAT' },
  ]
  const path = 'Patient/p1/$break-glass'
  await server.send('POST', path, { resourceType: 'Parameters', parameter }, bearer('glass').headers)
  expect(await seen('glass')).toBe('bp-p1 hiv-p1 refers')
})

test('another gateway knows within two seconds', async () => {
  const { client, db } = server.store
  const other = openStore(client, db.databaseName)
  expect((await restrictionsOf(other, 'default')).consents).toHaveLength(0)
  await consent(deny())
  const written = performance.now()
  while ((await restrictionsOf(other, 'default')).consents.length === 0) {
    if (performance.now() - written > 2_000) throw new Error('It does not know yet.')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})

test('while nobody denies anything, a Permit is what it was', async () => {
  await seen('d')
  expect((await restrictionsOf(server.store, 'default')).consents).toEqual([])
})
