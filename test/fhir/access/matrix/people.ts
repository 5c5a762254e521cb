/** Who asks: each with a token that the authorization server gave, and what it was issued for in the oracle's words. */
import { nameOf } from '../../../../src/store/authorization.ts'
import type { AccountDocument } from '../../../../src/store/accounts.ts'
import { proof, serviceKey, serviceWish } from '../../../support/assertions.ts'
import type { ServiceKey } from '../../../support/assertions.ts'
import { Browser, launched, token } from '../../../support/smart-server.ts'
import type { SmartServer } from '../../../support/smart-server.ts'
import { DENIED } from './natives.ts'
import { rulesOf } from './rights.ts'
import type { Grant, Rules } from './rights.ts'

interface Wish extends Grant {
  readonly name: string
}

export interface Asker extends Wish {
  readonly rules: Rules
  readonly headers: Readonly<Record<string, string>>
  /** path of its tenant's FHIR base */
  readonly base: string
}

const LONG = 3_600_000
const LAB = '?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory'
const tenant = 'default'
const doctor = { person: DENIED, role: 'practitioner' } as const
const amy = 'hms-8d8f3dcd-b2d7-4831-ad08-37dbc8b65ff7'
const patient = (id: string) => ({ patient: id, user: { person: `Patient/${id}`, role: 'patient' } as const })

const people: readonly Wish[] = [
  { name: 'amy patient/*.rs', tenant, scope: 'patient/*.rs', ...patient(amy) },
  { name: 'p1 patient/*.cruds', tenant, scope: 'patient/*.cruds', ...patient('p1') },
  { name: 'doctor for p1 patient/*.rs', tenant, scope: 'patient/*.rs', patient: 'p1', user: doctor },
  { name: 'doctor for p2 patient/*.cruds', tenant, scope: 'patient/*.cruds', patient: 'p2', user: doctor },
  { name: 'observations of p1', tenant, scope: 'patient/Observation.rs', patient: 'p1', user: doctor },
  {
    ...{ name: 'laboratory of p1', tenant, patient: 'p1', user: doctor },
    scope: `patient/Observation.rs${LAB} patient/Patient.rs`,
  },
  {
    name: 'sop patient v1 read',
    tenant,
    scope: 'patient/*.read',
    patient: 'sop-32f153a7-f50c-4c73-ac59-15186ead3850',
    user: doctor,
  },
  {
    name: 'v1 write for p1',
    tenant,
    scope: 'patient/Condition.write patient/Observation.read',
    patient: 'p1',
    user: doctor,
  },
  { name: 'doctor user/*.rs', tenant, scope: 'user/*.rs', user: doctor },
  { name: 'doctor in an emergency of p4', tenant, scope: 'user/*.rs', user: doctor, opens: 'p4' },
  { name: 'desk user/*.cruds', tenant, scope: 'user/*.cruds', user: { role: 'staff' } },
  { name: 'p1 as user', tenant, scope: 'user/*.rs', user: { person: 'Patient/p1', role: 'patient' } },
  { name: 'p3 as user', tenant, scope: 'user/*.rs', user: { person: 'Patient/p3', role: 'patient' } },
  {
    ...{ name: 'mother of p2', tenant, scope: 'user/*.rs' },
    user: { person: 'RelatedPerson/mother', representing: ['p2'], role: 'patient' },
  },
  {
    ...{ name: 'healthapi patient with a ward', tenant, scope: 'user/*.rs' },
    user: { person: 'Patient/healthapi-5201', representing: ['p1'], role: 'patient' },
  },
  { name: 'openid only', tenant, scope: '', user: doctor },
  { name: 'nurse of demo', tenant: 'demo', scope: 'user/*.rs', user: { role: 'practitioner' } },
]

const programs: readonly Wish[] = [
  { name: 'system/*.rs', tenant, scope: 'system/*.rs' },
  { name: 'cleared system/*.rs', tenant, scope: 'system/*.rs clearance:R' },
  { name: 'exempt system/*.rs', tenant, scope: 'system/*.rs clearance:V clearance:consent' },
  { name: 'system/*.r', tenant, scope: 'system/*.r' },
  { name: 'system/Patient.s', tenant, scope: 'system/Patient.s' },
  { name: 'system laboratory', tenant, scope: `system/Observation.rs${LAB} system/Patient.rs` },
  {
    name: 'system/Observation.rs of two kinds',
    tenant,
    scope: `system/Observation.rs${LAB} system/Observation.rs?category=survey`,
  },
  { name: 'program of demo', tenant: 'demo', scope: 'system/*.rs' },
]

/** Of a patient of the tenant `demo`, who is known when its rows are read. */
export function patientOfDemo(id: string): Wish {
  return { name: 'patient of demo', tenant: 'demo', scope: 'patient/*.rs', ...patient(id) }
}

export async function askersOf(server: SmartServer, others: readonly Wish[]): Promise<Asker[]> {
  const key = await serviceKey()
  const askers: Asker[] = []
  const known = new Map<string, Person>()
  for (const wish of [...people, ...others]) {
    const who = JSON.stringify([wish.tenant, wish.user])
    const person = known.get(who) ?? (await personOf(server, wish))
    known.set(who, person)
    const asker = askerOf(wish, await launch(server, wish, person))
    if (wish.opens !== undefined) await openRecord(server, asker, wish.opens)
    askers.push(asker)
  }
  for (const wish of programs) askers.push(askerOf(wish, await service(server, wish, key)))
  return askers
}

function askerOf(wish: Wish, given: string): Asker {
  const base = wish.tenant === 'default' ? '/fhir/R4' : `/t/${wish.tenant}/fhir/R4`
  return { ...wish, base, rules: rulesOf(wish), headers: { Authorization: `Bearer ${given}` } }
}

/** One account and one browser for each person, as in life. */
interface Person {
  readonly account: AccountDocument
  readonly browser: Browser
}

async function personOf(server: SmartServer, { tenant, user }: Wish): Promise<Person> {
  const { person, representing = [], role = 'practitioner' } = user ?? {}
  const account = await server.account({ tenant, roles: [role], ...(person !== undefined && { person }) })
  await server.store.accounts.updateOne({ _id: account._id }, { $set: { representing: [...representing] } })
  return { account, browser: new Browser(server.origin) }
}

async function launch(server: SmartServer, { tenant, scope, patient }: Wish, person: Person): Promise<string> {
  const { client } = await server.client({}, { tenant })
  const place = tenant === 'default' ? server : { ...server, base: `${server.origin}/t/${tenant}/fhir/R4` }
  const asked = `openid fhirUser ${patient === undefined ? '' : 'launch/patient '}${scope}`.trim()
  const pick = patient === undefined ? {} : { pick: { patient } }
  const { json } = await launched(place, { client: client._id, ...person, scope: asked, ...pick })
  return given(json, patient)
}

async function openRecord({ origin }: SmartServer, { base, headers }: Asker, patient: string): Promise<void> {
  const parameter = [
    { name: 'reason', valueString: 'unconscious' },
    { name: 'purpose', valueCode: 'BTG' },
  ]
  const { status } = await fetch(`${origin}${base}/Patient/${patient}/$break-glass`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Parameters', parameter }),
  })
  if (status !== 200) throw new Error(`the record of ${patient} is not opened: ${status}`)
}

async function service(server: SmartServer, { tenant, scope }: Wish, key: ServiceKey): Promise<string> {
  const wish = serviceWish(key, scope)
  const { client } = await server.client(wish, { tenant })
  const proven = await proof({ key, client: client._id, audience: `${server.origin}/oauth/token` })
  const { json } = await token(server, { grant_type: 'client_credentials', scope, ...proven })
  const text = given(json, undefined)
  // Five minutes are over before a busy machine has asked everything
  const expires = new Date(Date.now() + LONG)
  const longer = { expires, 'payload.exp': Math.floor(expires.getTime() / 1000) }
  await server.store.authorization.updateOne({ _id: nameOf('ClientCredentials', text) }, { $set: longer })
  return text
}

function given(json: Readonly<Record<string, unknown>>, patient: string | undefined): string {
  const { access_token: text, patient: named } = json
  if (typeof text !== 'string' || (patient !== undefined && named !== patient))
    throw new Error(`no such token: ${JSON.stringify(json)}`)
  return text
}

type Stranger = Pick<Asker, 'name' | 'base' | 'headers'>

/** Whose token is none, is over, was revoked or is for another tenant. */
export async function strangersOf(server: SmartServer, known: readonly Asker[]): Promise<Stranger[]> {
  const base = '/fhir/R4'
  const wish: Wish = { name: 'over', tenant, scope: 'user/*.rs', user: doctor }
  const person = await personOf(server, wish)
  const over = await launch(server, wish, person)
  const revoked = await launch(server, wish, person)
  await server.store.authorization.updateOne({ _id: nameOf('AccessToken', over) }, { $set: { 'payload.exp': 1 } })
  const issued = await server.store.authorization.findOne({ _id: nameOf('AccessToken', revoked) })
  const form = { token: revoked, client_id: issued?.client ?? '' }
  await fetch(`${server.origin}/oauth/revoke`, { method: 'POST', body: new URLSearchParams(form) })
  const bearer = (text: string) => ({ Authorization: `Bearer ${text}` })
  const abroad = known.filter((each) => each.tenant !== tenant && each.name.startsWith('program'))
  return [
    { name: 'nobody', base, headers: {} },
    { name: 'a guess', base, headers: bearer('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA') },
    { name: 'over', base, headers: bearer(over) },
    { name: 'revoked', base, headers: bearer(revoked) },
    ...abroad.map(({ name, headers }) => ({ name: `${name} at default`, base, headers })),
    ...known.slice(0, 1).map(({ name, headers }) => ({ name: `${name} at demo`, base: '/t/demo/fhir/R4', headers })),
  ]
}
