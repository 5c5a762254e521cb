/** Everything sealed anew under another key while it is read, searched and written; and what of before is in clear, sealed. */
import { createSecretKey, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Document } from 'mongodb'
import { anybodyIn } from '../../src/access/caller.ts'
import { fhirHandler } from '../../src/fhir/router.ts'
import type { FhirHandler } from '../../src/http/answer.ts'
import { Deadline } from '../../src/kernel/deadline.ts'
import { defaultLimits } from '../../src/kernel/limits.ts'
import { registryOf } from '../../src/r4/registry.ts'
import { searchState } from '../../src/store/indexing.ts'
import { resourceReader } from '../../src/store/resource-reader.ts'
import { countSealed } from '../../src/projection/sealed-count.ts'
import { placeOfHeader } from '../../src/store/subscriptions.ts'
import { reseal } from '../../src/projection/reseal.ts'
import type { Plan } from '../../src/projection/plan.ts'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { openStore } from '../../src/store/collections.ts'
import type { Store } from '../../src/store/collections.ts'
import { keepAnswer, openAnswer } from '../../src/store/kept-answers.ts'
import { openedVersion } from '../../src/store/sealed-bodies.ts'
import { sealedSecret, secretOf } from '../../src/store/second-factors.ts'
import { sharedKey as keyOfAll } from '../../src/store/shared-key.ts'
import { files, openClinic, testPlan, uniqueDatabases } from './clinic.ts'
import type { Clinic } from './clinic.ts'
import { newSealKey, sharedKey, testSeals } from '../support/seals.ts'

const PEOPLE = 150
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const rule = '  - { fhir: "identifier[system=IB/sid/clinic/policy].value", field: p.policy, sealed: true }\n'
const { 'clinic/patient.yaml': patient = '' } = files
const sealedMapping = {
  'clinic/columns.yaml': files['clinic/columns.yaml']?.replace('pin: secret', 'pin: secret, policy: text') ?? '',
  'clinic/patient.yaml': patient
    .replace('key: p.id', 'direction: rw\nkey: p.id')
    .replace('not-mapped', `${rule}not-mapped`),
}
const clearMapping = {
  ...sealedMapping,
  'clinic/patient.yaml': sealedMapping['clinic/patient.yaml'].replace(', sealed: true', ''),
}
const fresh = newSealKey()

let clinic: Clinic
let plan: Plan
/** as a gateway with the new key first has it, and as one that has the new key alone */
let both: Store
let alone: Store

beforeAll(async () => {
  const databases = uniqueDatabases()
  clinic = await openClinic(databases)
  both = openStore(clinic.client, clinic.databases.gateway, testSeals(fresh, sharedKey))
  alone = openStore(clinic.client, clinic.databases.gateway, testSeals(fresh))
  plan = testPlan(databases, sealedMapping)
  // First in clear, then sealed: there are versions of both
  await clinic.work(testPlan(databases, clearMapping))
  const people = Array.from({ length: PEOPLE }, (_, n) => ({ id: `p${n}`, name: 'A', policy: `POL-${n}` }))
  await clinic.table('people').insertMany(people)
  await clinic.settle()
  await clinic.work(plan)
  await clinic.settle()
  await clinic.table('people').deleteOne({ id: 'p9' })
  await clinic.until('default/Patient/c-p9', (found) => found?.deleted === true)
  await clinic.rest()
  await plantSecrets(clinic.store)
})
afterAll(() => clinic.close())

const SUBSCRIPTION = 'default/Subscription/s1'
const HEADERS = ['Authorization: Bearer POL-header', 'X-Clinic: POL-clinic']

async function plantSecrets(store: Store): Promise<void> {
  const account = { _id: 'a1', t: 'default', emailKey: 'a@clinic.example' }
  const totp = { sealed: sealedSecret(store, account, SECRET), confirmed: true }
  await store.db.collection('accounts').insertOne({ ...account, totp } as object)
  await keyOfAll(store, 'page-key')
  const headers = HEADERS.map((line) => store.seals.seal(placeOfHeader(SUBSCRIPTION), line))
  await store.db.collection('subscriptions').insertOne({ _id: SUBSCRIPTION, t: 'default', headers } as object)
  await store.keptAnswers.insertOne({ _id: 'default/one', claim: 'c', claimed: new Date(), asked: 'x' })
  await keepAnswer(store, { _id: 'default/one', claim: 'c' }, { status: 200, headers: {}, body: 'POL-answer' })
}

const ignore = (): void => undefined

/** Documents of the gateway, as they are stored, with this text in them. */
async function where(text: string): Promise<string[]> {
  const found: string[] = []
  for (const name of ['resources', 'versions', 'accounts', 'meta', 'keptAnswers', 'guards', 'subscriptions']) {
    const all = (await clinic.store.db.collection(name).find({}, { raw: true }).toArray()) as Document[]
    for (const bytes of all) if ((bytes as Buffer).includes(text)) found.push(name)
  }
  return found
}

const kidsIn = async (store: Store): Promise<Set<string>> =>
  new Set((await countSealed(store, plan)).map(({ kid }) => kid))

function handlerOf(store: Store): FhirHandler {
  return fhirHandler({
    reader: resourceReader(store),
    searchState: searchState(store),
    writeBack: { store, plan, routing: {} },
    pageKey: createSecretKey(randomBytes(32)),
    profiles: new Map(),
    registry: registryOf(),
    limits: defaultLimits,
    fileTypes: ['*/*'],
  })
}

async function ask(by: FhirHandler, method: string, path: string, query = '', body?: object): Promise<string> {
  const headers: Readonly<Record<string, string>> = body ? { 'content-type': 'application/fhir+json' } : {}
  const answer = await by({
    ...{ method, path: path.split('/'), query: [...new URLSearchParams(query)], tenant: 'default' },
    ...{ base: 'http://127.0.0.1/fhir/R4', caller: anybodyIn('default'), deadline: new Deadline(30_000) },
    ...(body && { body: JSON.stringify(body) }),
    header: (name: string) => headers[name],
  })
  expect(answer.status).toBe(200)
  return answer.stream ? (await answer.stream.toArray()).join('') : (answer.body?.toString() ?? '')
}

const found = async (by: FhirHandler, policy: string): Promise<string[]> => {
  const { entry = [] } = JSON.parse(await ask(by, 'GET', 'Patient', `identifier=${policy}`)) as {
    entry?: { resource: { id: string } }[]
  }
  return entry.map(({ resource }) => resource.id)
}

test('Every value is counted with its place and its key, in clear too.', async () => {
  expect(await where('POL-')).toEqual(Array.from({ length: PEOPLE }, () => 'versions'))
  const counts = await countSealed(both, plan)
  const { kid } = sharedKey
  expect(counts).toEqual([
    { collection: 'accounts', field: 'totp.sealed', kid, count: 1 },
    { collection: 'keptAnswers', field: 'answer.body', kid, count: 1 },
    { collection: 'meta', field: 'sealed', kid, count: 1 },
    { collection: 'resources', field: 'Patient (blind index)', kid, count: PEOPLE - 1 },
    { collection: 'resources', field: 'Patient (hash)', kid, count: PEOPLE - 1 },
    { collection: 'resources', field: 'Patient.identifier.value', kid, count: PEOPLE - 1 },
    { collection: 'subscriptions', field: 'headers', kid, count: 2 },
    { collection: 'versions', field: 'Patient.identifier.value', kid, count: PEOPLE },
    { collection: 'versions', field: 'Patient.identifier.value', kid: 'clear', count: PEOPLE },
  ])
})

test('All of it is sealed anew while others read, search and write; nobody is refused, and the old key is not needed.', async () => {
  const by = handlerOf(both)
  const before = new Map((await both.resources.find().toArray()).map(({ _id, v }) => [_id, v]))
  let isWalking = true
  const walking = reseal(both, plan, ignore).finally(() => (isWalking = false))
  let writes = 0
  do {
    const patient = JSON.parse(await ask(by, 'GET', 'Patient/c-p1')) as object
    await ask(by, 'PUT', 'Patient/c-p1', '', { ...patient, name: [{ text: `Renamed ${++writes}` }] })
    expect(await found(by, 'POL-1')).toEqual(['c-p1'])
    expect(await found(by, `POL-${PEOPLE - 1}`)).toEqual([`c-p${PEOPLE - 1}`])
  } while (isWalking)
  const { failed, secrets } = await walking
  expect([failed, secrets]).toEqual([[], 5])
  // What a writer and the walk both did is left alone by the second
  await reseal(both, plan, ignore)
  expect(await reseal(both, plan, ignore)).toEqual({ resources: 0, versions: 0, secrets: 0, failed: [] })
  expect([await kidsIn(both), await where('POL-'), await where(sharedKey.kid)]).toEqual([new Set([fresh.kid]), [], []])
  const after = (await both.resources.find().toArray()).filter(({ _id, v }) => before.get(_id) !== v)
  expect(after.map(({ _id }) => _id)).toEqual(['default/Patient/c-p1'])
})

test('With the new key alone everything opens, is found, and is what it was: the same content makes no version.', async () => {
  const by = handlerOf(alone)
  for (const n of [0, 1, 2]) {
    expect(await found(by, `POL-${n}`)).toEqual([`c-p${n}`])
    const patient = JSON.parse(await ask(by, 'GET', `Patient/c-p${n}`)) as { meta: { versionId: string } }
    const same = JSON.parse(await ask(by, 'PUT', `Patient/c-p${n}`, '', patient)) as typeof patient
    expect(same.meta.versionId).toBe(patient.meta.versionId)
  }
  const versions = await alone.versions.find({ tt: 'default/Patient', body: /POL|\t/ }).toArray()
  const policies = versions.map((each) => /POL-\d+/.exec(openedVersion(alone, each).body)?.[0])
  expect(new Set(policies)).toEqual(new Set(Array.from({ length: PEOPLE }, (_, n) => `POL-${n}`)))
  expect(await ask(by, 'GET', 'Patient/c-p9/_history/1')).toContain('POL-9')
  expect(secretOf(alone, (await alone.accounts.findOne({ _id: 'a1' })) as AccountDocument)).toBe(SECRET)
  expect(await keyOfAll(alone, 'page-key')).toHaveLength(32)
  const asked = await alone.subscriptions.findOne({ _id: SUBSCRIPTION })
  expect(asked?.headers.map((line) => alone.seals.open(placeOfHeader(SUBSCRIPTION), line))).toEqual(HEADERS)
  const kept = await alone.keptAnswers.findOne({ _id: 'default/one' })
  expect(kept?.answer && openAnswer(alone, 'default/one', kept.answer).body).toBe('POL-answer')
})

test('What does not open is named and left as it is, with all else done.', async () => {
  const third = testSeals(newSealKey(), fresh)
  const store = openStore(clinic.client, clinic.databases.gateway, third)
  const id = 'default/Patient/c-p2/0000000002'
  const { body = '' } = (await store.versions.findOne({ _id: id })) ?? {}
  const damaged = body.replace(/(\t"1\..{30})(.)/, (_, start: string, at: string) => start + (at === 'x' ? 'y' : 'x'))
  await store.versions.updateOne({ _id: id }, { $set: { body: damaged } })
  const { failed, secrets } = await reseal(store, plan, ignore)
  expect([failed, secrets]).toEqual([[{ document: id, why: expect.stringContaining('does not open') }], 5])
  expect(await where(fresh.kid)).toEqual(['versions'])
  expect((await store.versions.findOne({ _id: id }))?.body).toBe(damaged)
})
