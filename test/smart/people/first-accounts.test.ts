/** The first administrator, and the people of the demo. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { demoAccounts, makeDemoAccounts } from '../../../src/smart/people/demo-accounts.ts'
import { makeFirstAdmin } from '../../../src/smart/people/first-admin.ts'
import { signIn } from '../../../src/smart/people/sign-in.ts'
import { findAccountByEmail, setDisabled } from '../../../src/store/accounts.ts'
import { rolesOf } from '../../../src/store/roles.ts'
import type { Clinic } from './people.ts'
import { openClinic, PASSWORD } from './people.ts'

let clinic: Clinic

beforeEach(async () => {
  clinic = await openClinic()
})

afterEach(() => clinic.close())

const FIRST = { email: 'Boss@clinic.example', password: PASSWORD }

test('without an administrator a start needs one to be named, in one sentence', async () => {
  for (const named of [
    { ...FIRST, email: undefined },
    { ...FIRST, password: undefined },
  ]) {
    await expect(makeFirstAdmin(clinic.store, named)).rejects.toThrow(
      /^There is no administrator: name one in [^\n]+\.$/,
    )
  }
  await expect(makeFirstAdmin(clinic.store, { ...FIRST, password: 'short' })).rejects.toThrow(
    'The password has fewer than 12 characters. Correct the file that ISTHMUS_ADMIN_PASSWORD_FILE names.',
  )
  await expect(makeFirstAdmin(clinic.store, { ...FIRST, email: 'boss' })).rejects.toThrow(
    '"boss" is no e-mail address.',
  )
  expect(await clinic.store.accounts.countDocuments()).toBe(0)
})

test('gateways that start at one moment make one administrator, who sets up a second factor at the first sign-in', async () => {
  await Promise.all([1, 2, 3].map(() => makeFirstAdmin(clinic.store, FIRST)))
  expect(await clinic.store.accounts.countDocuments()).toBe(1)
  const attempt = { tenant: 'default', ...FIRST, address: '192.0.2.1' }
  expect((await signIn(clinic.people, attempt)).kind).toBe('enrol')
})

test('later starts change nothing, unless the last administrator was disabled', async () => {
  const boss = await clinic.add('first@clinic.example', { roles: ['admin'] })
  expect(await makeFirstAdmin(clinic.store, { email: undefined, password: undefined })).toBe(false)
  expect(await makeFirstAdmin(clinic.store, FIRST)).toBe(false)
  expect(await findAccountByEmail(clinic.store, 'default', FIRST.email)).toBeUndefined()
  await setDisabled(clinic.store, boss._id, true)
  expect(await makeFirstAdmin(clinic.store, FIRST)).toBe(true)
})

test('an account that a killed start left without its role gets it', async () => {
  const account = await clinic.add(FIRST.email, { roles: ['staff'] })
  expect(await makeFirstAdmin(clinic.store, FIRST)).toBe(true)
  expect(await rolesOf(clinic.store, account._id)).toEqual(['admin', 'staff'])
})

test('the people of the demo sign in with their known passwords; making them again changes nothing', async () => {
  await makeDemoAccounts(clinic.store)
  await makeDemoAccounts(clinic.store)
  const people = { ...clinic.people, demo: true }
  expect(await clinic.store.accounts.countDocuments()).toBe(3)
  for (const { email, password, person } of demoAccounts) {
    const result = await signIn(people, { tenant: 'default', email, password, address: '192.0.2.1' })
    expect(result).toMatchObject({ kind: 'in', account: person === undefined ? { email } : { email, person } })
  }
})
