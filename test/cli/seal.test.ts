/** `isthmus seal`, as an operator runs it who changes the key. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { defaultLimits } from '../../src/kernel/limits.ts'
import { registerProgram } from '../../src/store/program.ts'
import type { SealKey } from '../../src/seal/seals.ts'
import { openStore } from '../../src/store/collections.ts'
import { claimKeys } from '../../src/store/seals-in-use.ts'
import type { Clinic } from '../projection/clinic.ts'
import { files, openClinic, testPlan, writeMappings } from '../projection/clinic.ts'
import { newSealKey, sharedKey as old, testSeals } from '../support/seals.ts'
import type { Ended, Variables } from './gateway.ts'
import { isthmus, ownVariables } from './gateway.ts'

const mapping = {
  'clinic/columns.yaml': files['clinic/columns.yaml']?.replace('pin: secret', 'pin: secret, policy: text') ?? '',
  'clinic/patient.yaml':
    files['clinic/patient.yaml']?.replace(
      'not-mapped',
      '  - { fhir: "identifier[system=IB/sid/clinic/policy].value", field: p.policy, sealed: true }\nnot-mapped',
    ) ?? '',
}
const fresh = newSealKey()
const own = ownVariables()

let clinic: Clinic
let variables: Variables

beforeAll(async () => {
  clinic = await openClinic()
  variables = {
    ...own,
    ISTHMUS_MAPPINGS: writeMappings(mapping),
    ISTHMUS_DATABASE: clinic.databases.gateway,
    CLINIC_DATABASE: clinic.databases.clinic,
    CHAIN_DATABASE: clinic.databases.chain,
  }
  await claimKeys(clinic.store)
  await clinic.table('people').insertMany([1, 2, 3].map((id) => ({ id, policy: `POL-${id}` })))
  await clinic.work(testPlan(clinic.databases, mapping))
  await clinic.settle()
  await clinic.rest()
})
afterAll(async () => {
  await clinic.close()
  rmSync(variables['ISTHMUS_MAPPINGS'] ?? '', { recursive: true })
  rmSync(own['ISTHMUS_DATA_DIR'] ?? '', { recursive: true })
})

function seal(args: readonly string[], ...keys: readonly SealKey[]): Promise<Ended> {
  const file = join(own['ISTHMUS_DATA_DIR'] ?? '', 'keys.json')
  writeFileSync(file, JSON.stringify({ keys: keys.map(({ key }) => ({ kty: 'oct', k: key.toString('base64url') })) }))
  return isthmus(['seal', ...args], { ...variables, ISTHMUS_ENCRYPTION_KEYS: file })
}

test('status says which key seals, what each opens, and which is missing', async () => {
  const { code, out, err } = await seal(['status'], fresh, old)
  expect([code, err]).toEqual([0, ''])
  expect(out).toBe(
    [
      `key ${fresh.kid} seals: 0 values`,
      `key ${old.kid} only opens: 12 values`,
      `  resources Patient (blind index): 3 ${old.kid}`,
      `  resources Patient (hash): 3 ${old.kid}`,
      `  resources Patient.identifier.value: 3 ${old.kid}`,
      `  versions Patient.identifier.value: 3 ${old.kid}`,
      '',
    ].join('\n'),
  )
  expect((await seal([], fresh)).out).toContain(`key ${old.kid} is MISSING: 12 values; add it to`)
})

test('rotate is refused beside a gateway that seals with another key, and without a key that is needed', async () => {
  const gateway = await registerProgram(clinic.store, defaultLimits)
  try {
    const { code, err } = await seal(['rotate'], fresh, old)
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        `that runs seals with the key ${old.kid}, this command with ${fresh.kid}: put that key first`,
      ),
    ])
  } finally {
    await gateway.stop()
  }
  expect((await seal(['rotate'], fresh)).err).toMatch(`lacks the key ${old.kid}`)
})

test('rotate seals all of it anew, on record; the old key is not needed then, and nothing is done twice', async () => {
  const { code, out } = await seal(['rotate'], fresh, old)
  expect(code).toBe(0)
  expect(out).toBe(
    `Sealed anew with the key ${fresh.kid}: 3 resources, 3 versions, 0 secrets.\nNo other key is needed to read what is stored.\n`,
  )
  expect(await clinic.store.audit.findOne({ kind: 'seal' })).toMatchObject({
    ...{ t: 'default', action: 'U', status: 200, query: `rotate to ${fresh.kid}` },
    who: { name: expect.stringMatching(/^isthmus seal by /) },
  })
  await claimKeys(openStore(clinic.client, clinic.databases.gateway, testSeals(fresh)))
  const again = await seal(['rotate', '--json'], fresh)
  expect([again.code, JSON.parse(again.out)]).toEqual([
    0,
    { key: fresh.kid, resources: 0, versions: 0, secrets: 0, failed: [], olderKeysNeeded: false, audit: {} },
  ])
  const { values } = JSON.parse((await seal(['status', '--json'], fresh)).out) as { values: { kid: string }[] }
  expect(new Set(values.map(({ kid }) => kid))).toEqual(new Set([fresh.kid]))
  expect((await seal(['rotate'], old)).err).toMatch(`lacks the key ${fresh.kid}`)
}, 60_000)

test('without a key there is nothing to seal with, which is said', async () => {
  const { code, err } = await isthmus(['seal', 'rotate'], {
    ...variables,
    ISTHMUS_AUTH: 'smart',
    ISTHMUS_DEMO: 'false',
  })
  expect([code, err]).toEqual([1, 'There is no key to seal with: name a file of keys in ISTHMUS_ENCRYPTION_KEYS.\n'])
})
