import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { userOf } from '../../../src/smart/people/people.ts'
import { signIn } from '../../../src/smart/people/sign-in.ts'
import { findAccount, setDisabled } from '../../../src/store/accounts.ts'
import { setRoles } from '../../../src/store/roles.ts'
import type { Clinic } from './people.ts'
import { openClinic, PASSWORD } from './people.ts'

let clinic: Clinic

beforeAll(async () => {
  clinic = await openClinic()
})

afterAll(() => clinic.close())

function attempt(email: string, password = PASSWORD, tenant = 'default'): ReturnType<typeof signIn> {
  return signIn(clinic.people, { tenant, email, password, address: '192.0.2.1' })
}

test('e-mail and password of one tenant let its account in, however the address is written', async () => {
  const account = await clinic.add('Miriam@Clinic.example', { person: 'Practitioner/hms-1', name: 'Miriam' })
  expect(await attempt(' miriam@clinic.EXAMPLE ')).toMatchObject({ kind: 'in', account, methods: ['pwd'] })
  expect(await attempt('miriam@clinic.example', PASSWORD, 'other')).toEqual({ kind: 'wrong' })
  await expect(clinic.add('MIRIAM@clinic.example')).rejects.toThrow('The tenant default has an account MIRIAM@')
})

test('a wrong password, an unknown address, a disabled account and one without a password get the same answer', async () => {
  const out = await clinic.add('out@clinic.example')
  await setDisabled(clinic.store, out._id, true)
  const federated = await clinic.add('federated@clinic.example')
  await clinic.store.accounts.updateOne({ _id: federated._id }, { $unset: { password: true } })
  const answers = await Promise.all([
    attempt('miriam@clinic.example', 'wrong password'),
    attempt('nobody@clinic.example'),
    attempt('out@clinic.example'),
    attempt('federated@clinic.example'),
  ])
  expect(answers).toEqual(Array(4).fill({ kind: 'wrong' }))
})

test('what somebody may do comes from the roles of the account', async () => {
  const desk = await clinic.add('desk@clinic.example', { roles: ['staff', 'patient'], person: 'Patient/hms-7' })
  const user = await userOf(clinic.store, desk)
  expect(user).toMatchObject({ account: desk._id, person: 'Patient/hms-7', representing: [] })
  expect(user.permissions).toContain('Schedule.cruds')
  expect(user.permissions).not.toContain('*.cruds')
  await setRoles(clinic.store, { account: desk._id, tenant: 'default' }, ['admin'])
  expect((await userOf(clinic.store, desk)).permissions).toEqual([
    ...['*.cruds', 'accounts:manage', 'apps:manage', 'break-glass:use', 'cases:manage', 'jobs:manage', 'launch:create'],
    ...['mappings:manage', 'records:erase', 'records:hold', 'settings:manage'],
  ])
  await setRoles(clinic.store, { account: desk._id, tenant: 'default' }, [])
  expect((await userOf(clinic.store, desk)).permissions).toEqual([])
  expect((await findAccount(clinic.store, desk._id))?.emailKey).toBe('desk@clinic.example')
})

test('what an administrator took from a built-in role does not come back', async () => {
  await clinic.store.rolePermissions.deleteOne({ _id: 'default/practitioner launch:create' })
  const other = await clinic.add('other@clinic.example')
  expect((await userOf(clinic.store, other)).permissions).toEqual(['*.cruds', 'break-glass:use', 'cases:manage'])
})

test('an account of a role, a person or an address that cannot be is refused in a sentence', async () => {
  await expect(clinic.add('a@b', { roles: ['boss'] })).rejects.toThrow(
    'There is no role boss in the tenant default; there are admin, patient, practitioner, privacy-officer, staff.',
  )
  await expect(clinic.add('a@b', { person: 'Observation/1' })).rejects.toThrow('names no person')
  await expect(clinic.add('nothing')).rejects.toThrow('"nothing" is no e-mail address.')
  expect(await clinic.store.accounts.countDocuments({ emailKey: 'a@b' })).toBe(0)
})
