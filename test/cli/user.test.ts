/** `isthmus user`, as an operator runs it. */
import { afterAll, expect, test } from '@jest/globals'
import { acceptWithPassword } from '../../src/smart/people/invitation.ts'
import { openPeople } from '../../src/smart/people/people.ts'
import { signIn } from '../../src/smart/people/sign-in.ts'
import { keep } from '../../src/store/authorization.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { testSeals } from '../support/seals.ts'
import { mongodbUri } from '../support/services.ts'
import { isthmus, ownVariables } from './gateway.ts'

const variables: Readonly<Record<string, string>> = { ...ownVariables(), PUBLIC_URL: 'http://127.0.0.1:8080' }
const client = await connect(mongodbUri())
const store = openStore(client, variables['ISTHMUS_DATABASE'] ?? '', testSeals())

afterAll(async () => {
  await store.db.dropDatabase()
  await client.close()
})

const PASSWORD = 'correct horse battery'

async function user(
  args: readonly string[],
  input?: string,
): Promise<{ out: string; err: string; code: number | null }> {
  return isthmus(['user', ...args], variables, input)
}

test('makes an account whose password came on standard input, shows it, and lets it sign in no more', async () => {
  const added = await user(
    ['add', '--email', 'M@clinic.example', '--role', 'practitioner', '--fhir-user', 'Practitioner/hms-1', '--json'],
    `${PASSWORD}\nrest`,
  )
  expect(added.code).toBe(0)
  expect(added.err).toContain('There is no Practitioner/hms-1 yet')
  const account = {
    email: 'M@clinic.example',
    roles: ['practitioner'],
    fhirUser: 'Practitioner/hms-1',
    disabled: false,
  }
  expect(JSON.parse(added.out)).toMatchObject(account)
  const people = await openPeople(store, { demo: true, origin: 'http://127.0.0.1:8080' })
  const attempt = { tenant: 'default', email: 'm@clinic.example', password: PASSWORD, address: '192.0.2.1' }
  expect((await signIn(people, attempt)).kind).toBe('in')
  expect((await user(['role', '--email', 'm@clinic.example', '--role', 'staff', '--role', 'patient'])).out).toBe(
    'M@clinic.example is staff, patient.\n',
  )
  expect((await user(['disable', '--email', 'm@clinic.example'])).out).toBe('M@clinic.example is disabled.\n')
  expect((await signIn(people, attempt)).kind).toBe('wrong')
  expect((await user(['list'])).out).toBe('M@clinic.example · patient, staff · Practitioner/hms-1 · disabled\n')
  expect((await user(['enable', '--email', 'm@clinic.example'])).code).toBe(0)
  expect((await signIn(people, attempt)).kind).toBe('in')
  expect((await user(['password', '--email', 'm@clinic.example'], 'another long one')).code).toBe(0)
  expect((await signIn(people, attempt)).kind).toBe('wrong')
  const totp = { sealed: '1.kid', confirmed: true, last: 1 }
  await store.accounts.updateOne({ emailKey: 'm@clinic.example' }, { $set: { totp } })
  expect((await user(['list'])).out).toContain(' · mfa')
  expect((await user(['reset-mfa', '--email', 'm@clinic.example'])).out).toContain('has no second factor any more')
  expect((await signIn(people, { ...attempt, password: 'another long one' })).kind).toBe('in')
  const acts = ['add', 'role staff, patient', 'disable', 'enable', 'password', 'reset-mfa']
  const events = await store.audit.find({ kind: 'user' }).toArray()
  expect(events.map(({ query = '' }) => query.replace(/: m@clinic.example$/i, ''))).toEqual(acts)
  expect(JSON.stringify(events)).not.toMatch(/correct horse|another long/)
})

test('an invitation is a link with which the person becomes an account', async () => {
  const { code, out } = await user([
    ...['invite', '--email', 'amy@home.example', '--role', 'patient', '--fhir-user', 'Patient/hms-1', '--json'],
  ])
  const { link } = JSON.parse(out) as { link: string }
  expect([code, link]).toEqual([0, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/invitation\/[\w-]{43}$/)])
  expect((await acceptWithPassword(store, link.split('/').at(-1) ?? '', PASSWORD)).kind).toBe('accepted')
  expect((await user(['list', '--json'])).out).toContain('"email":"amy@home.example"')
  const refused = await user(['invite', '--email', 'bob@home.example', '--role', 'patient'])
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('--fhir-user')])
})

test('what changes an account ends its tokens', async () => {
  const added = await user(['add', '--email', 'out@clinic.example', '--role', 'staff', '--json'], PASSWORD)
  const { id: accountId } = JSON.parse(added.out) as { id: string }
  const ends = async (args: readonly string[], input?: string): Promise<number> => {
    await keep(store, 'AccessToken', 'token-1', { accountId, clientId: 'app', kind: 'AccessToken' }, 60)
    expect((await user([...args, '--email', 'out@clinic.example'], input)).code).toBe(0)
    return store.authorization.countDocuments({ account: accountId })
  }
  expect(await ends(['role', '--role', 'practitioner'])).toBe(0)
  expect(await ends(['password'], 'another long one')).toBe(0)
  expect(await ends(['reset-mfa'])).toBe(0)
  expect(await ends(['disable'])).toBe(0)
})

test('refuses in one sentence what cannot be, and keeps nothing of it', async () => {
  const refusals = [
    [['add', '--email', 'a@b.example', '--role', 'staff'], '', 'No password came on standard input'],
    [['add', '--email', 'a@b.example', '--role', 'staff'], 'short', 'The password has fewer than 12 characters.'],
    [['add', '--email', 'a@b.example', '--role', 'boss'], PASSWORD, 'There is no role boss in the tenant default'],
    [['add', '--email', 'a', '--role', 'staff'], PASSWORD, '"a" is no e-mail address.'],
    [['add', '--email', 'a@b.example', '--role', 'staff', '--tenant', 'x'], PASSWORD, 'There is no tenant x'],
    [['disable', '--email', 'a@b.example'], '', 'The tenant default has no account a@b.example'],
  ] as const
  for (const [args, input, sentence] of refusals) {
    const { code, err } = await user(args, input)
    expect([code, err.split('\n').length, err]).toEqual([1, 2, expect.stringContaining(sentence)])
  }
  expect(await store.accounts.countDocuments({ emailKey: 'a@b.example' })).toBe(0)
})
