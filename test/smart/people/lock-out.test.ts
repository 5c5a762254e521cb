/** Guessing is hopeless, and nobody locks another out (checklist CS2, OWASP). */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { DEVICES_COOKIE, devicesCookie } from '../../../src/smart/people/devices.ts'
import type { People } from '../../../src/smart/people/people.ts'
import type { Browser, SignIn, SignedIn } from '../../../src/smart/people/sign-in.ts'
import { signIn } from '../../../src/smart/people/sign-in.ts'
import { ADDRESS_LIMIT, DEVICE_LIMIT, FREE } from '../../../src/smart/people/turns.ts'
import type { Clinic } from './people.ts'
import { openClinic, PASSWORD } from './people.ts'

let clinic: Clinic
let people: People
const EMAIL = 'miriam@clinic.example'

beforeAll(async () => {
  clinic = await openClinic()
  await clinic.add(EMAIL)
})

beforeEach(async () => {
  people = await clinic.calm()
})

afterAll(() => clinic.close())

const HOME: Browser = { address: '198.51.100.7' }
let stranger = 0

/** An address nobody used before. */
function elsewhere(): Browser {
  stranger++
  return { address: `203.0.${stranger >> 8}.${stranger & 255}` }
}

function attempt(password: string, browser: Browser = HOME, email = EMAIL): Promise<SignIn> {
  return signIn(people, { tenant: 'default', email, password, ...browser })
}

async function knownDevice(): Promise<Browser> {
  const { devices } = (await attempt(PASSWORD, elsewhere())) as SignedIn
  return { ...HOME, devices }
}

test('strangers who guess from everywhere slow the account down, and its person is let in from a new device too', async () => {
  for (let turn = 0; turn < FREE + 8; turn++) expect((await attempt('guess', elsewhere())).kind).toBe('wrong')
  expect(clinic.waits).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000, 8000])
  expect((await attempt(PASSWORD, elsewhere())).kind).toBe('in')
})

test('a device that is known neither waits nor is refused for what strangers do', async () => {
  const device = await knownDevice()
  for (let turn = 0; turn < ADDRESS_LIMIT + 5; turn++) await attempt('guess')
  expect((await attempt(PASSWORD)).kind).toBe('later')
  clinic.waits.length = 0
  expect((await attempt(PASSWORD, device)).kind).toBe('in')
  expect(clinic.waits).toEqual([])
})

test('a known device has its own limit, which a right password forgets', async () => {
  const device = await knownDevice()
  for (let turn = 1; turn < DEVICE_LIMIT; turn++) expect((await attempt('guess', device)).kind).toBe('wrong')
  expect((await attempt(PASSWORD, device)).kind).toBe('in')
  for (let turn = 0; turn < DEVICE_LIMIT; turn++) expect((await attempt('guess', device)).kind).toBe('wrong')
  expect(await attempt(PASSWORD, device)).toEqual({ kind: 'later', seconds: expect.any(Number) })
  expect((await attempt(PASSWORD, elsewhere())).kind).toBe('in')
})

test('one address fails so often for all accounts together', async () => {
  for (let turn = 1; turn <= ADDRESS_LIMIT; turn++) {
    expect((await attempt('guess', HOME, `p${turn}@clinic.example`)).kind).toBe('wrong')
  }
  expect((await attempt(PASSWORD)).kind).toBe('later')
  expect((await attempt(PASSWORD, elsewhere())).kind).toBe('in')
})

test('right passwords do not count, so a whole clinic signs in from one address', async () => {
  for (let turn = 0; turn < ADDRESS_LIMIT + 5; turn++) expect((await attempt(PASSWORD)).kind).toBe('in')
  expect(clinic.waits).toEqual([])
})

test('many guesses at one moment are counted each', async () => {
  const device = await knownDevice()
  const kinds = (await Promise.all(Array.from({ length: 30 }, () => attempt('guess', device)))).map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'wrong')).toHaveLength(DEVICE_LIMIT)
})

test('an address nobody has is counted and held back as one that somebody has', async () => {
  for (let turn = 0; turn < FREE + 3; turn++) {
    expect(await attempt('guess', elsewhere(), 'nobody@clinic.example')).toEqual({ kind: 'wrong' })
  }
  expect(clinic.waits).toEqual([500, 1000, 2000])
})

test('the cookie of devices counts for whom it was made and as it was made, and keeps those of others', async () => {
  await clinic.add('noor@clinic.example')
  const first = await knownDevice()
  const { devices } = (await attempt(PASSWORD, first, 'noor@clinic.example')) as SignedIn
  expect(devices.split('~')).toHaveLength(2)
  expect(devices).toContain(first.devices)
  const forged = (first.devices ?? '').replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  for (let turn = 0; turn < ADDRESS_LIMIT; turn++) await attempt('guess')
  expect((await attempt(PASSWORD, { ...HOME, devices: forged })).kind).toBe('later')
  expect((await attempt(PASSWORD, { ...HOME, devices: '~~x.y.z~' })).kind).toBe('later')
  expect((await attempt(PASSWORD, { ...HOME, devices })).kind).toBe('in')
  expect(devicesCookie(devices, true)).toMatch(
    new RegExp(`^${DEVICES_COOKIE}=[A-Za-z0-9._~-]+; Path=/oauth; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure$`),
  )
})

test('what is counted names nobody', async () => {
  await attempt('guess')
  const stored = JSON.stringify(await clinic.store.db.collection('attempts').find().toArray())
  expect(stored).not.toMatch(/miriam|198\.51/)
})
