import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Secret, TOTP, URI } from 'otpauth'
import type { Enrolment } from '../../../src/smart/people/second-factor.ts'
import {
  answerCode,
  beginEnrolment,
  confirmEnrolment,
  offeredEnrolment,
} from '../../../src/smart/people/second-factor.ts'
import type { SignedIn } from '../../../src/smart/people/sign-in.ts'
import { signIn } from '../../../src/smart/people/sign-in.ts'
import { stepOf } from '../../../src/smart/people/totp.ts'
import { CODE_LIMIT } from '../../../src/smart/people/turns.ts'
import { findAccount, setDisabled } from '../../../src/store/accounts.ts'
import type { Clinic } from './people.ts'
import { openClinic, PASSWORD } from './people.ts'

let clinic: Clinic

beforeAll(async () => {
  clinic = await openClinic()
})

afterAll(() => clinic.close())

const AT = { address: '198.51.100.7' }

function codeOf({ secret }: { readonly secret: string }, steps = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 })
}

function signInAs(email: string, demo = false): ReturnType<typeof signIn> {
  return signIn({ ...clinic.people, demo }, { tenant: 'default', email, password: PASSWORD, ...AT })
}

async function enrolled(email: string): Promise<Enrolment & { account: string; recovery: readonly string[] }> {
  const { _id: account } = await clinic.add(email, { roles: ['admin'] })
  const enrolment = (await beginEnrolment(clinic.people, account))!
  const result = await confirmEnrolment(clinic.people, { ...AT, account, code: codeOf(enrolment, -1) })
  if (result.kind !== 'enrolled') throw new Error(result.kind)
  return { ...enrolment, account, recovery: result.recovery }
}

test('codes are those of RFC 6238, of the step before and after too', () => {
  // Appendix B: the secret is the ASCII text 12345678901234567890; the last six of the eight digits
  const secret = Secret.fromLatin1('12345678901234567890').base32
  expect(stepOf(secret, '287082', 59_000)).toBe(1)
  expect(stepOf(secret, '081 804', 1_111_111_109_000)).toBe(37_037_036)
  expect(stepOf(secret, '287082', 89_000)).toBe(1)
  expect(stepOf(secret, '287082', 120_000)).toBeUndefined()
  for (const code of ['', '28708', '2870820', '94287082', 'abcdef'])
    expect(stepOf(secret, code, 59_000)).toBeUndefined()
})

test('who manages accounts or apps sets up a second factor before being let in, except in the demo', async () => {
  const { _id: account } = await clinic.add('boss@clinic.example', { roles: ['admin'] })
  await clinic.add('doctor@clinic.example')
  expect(await signInAs('boss@clinic.example')).toEqual({ kind: 'enrol', account, first: 'pwd' })
  expect((await signInAs('boss@clinic.example', true)).kind).toBe('in')
  expect((await signInAs('doctor@clinic.example')).kind).toBe('in')
})

test('the picture and the secret are of one address that an app reads; the first code makes it count', async () => {
  const { _id: account } = await clinic.add('new@clinic.example', { roles: ['admin'] })
  const enrolment = (await beginEnrolment(clinic.people, account))!
  const read = URI.parse(enrolment.address) as TOTP
  expect([read.issuer, read.label, read.secret.base32]).toEqual([
    'Isthmus fhir.clinic.example',
    'new@clinic.example',
    enrolment.secret,
  ])
  expect(enrolment.picture).toMatch(/^<svg[^>]*>.*<\/svg>\s*$/s)
  expect(await offeredEnrolment(clinic.people, account)).toEqual(enrolment)
  expect((await signInAs('new@clinic.example')).kind).toBe('enrol')
  expect(await confirmEnrolment(clinic.people, { ...AT, account, code: '000000' })).toEqual({ kind: 'wrong' })
  const result = await confirmEnrolment(clinic.people, { ...AT, account, code: codeOf(enrolment, -1) })
  expect(result).toMatchObject({ kind: 'enrolled', signedIn: { kind: 'in', methods: ['pwd', 'otp', 'mfa'] } })
  expect(await signInAs('new@clinic.example')).toEqual({ kind: 'code', account, first: 'pwd' })
  expect(await beginEnrolment(clinic.people, account)).toBeUndefined()
  expect(await offeredEnrolment(clinic.people, account)).toBeUndefined()
})

test('what was offered before counts no more once another secret is offered', async () => {
  const { _id: account } = await clinic.add('twice@clinic.example', { roles: ['admin'] })
  const first = (await beginEnrolment(clinic.people, account))!
  const second = (await beginEnrolment(clinic.people, account))!
  expect((await confirmEnrolment(clinic.people, { ...AT, account, code: codeOf(first) })).kind).toBe('wrong')
  expect((await confirmEnrolment(clinic.people, { ...AT, account, code: codeOf(second) })).kind).toBe('enrolled')
})

test('a code lets in once, of many at one moment one, and none of before it', async () => {
  const known = await enrolled('once@clinic.example')
  const attempt = { ...AT, account: known.account, code: codeOf(known) }
  const kinds = (await Promise.all([1, 2, 3, 4].map(() => answerCode(clinic.people, attempt)))).map(({ kind }) => kind)
  expect(kinds.sort()).toEqual(['in', 'wrong', 'wrong', 'wrong'])
  expect((await answerCode(clinic.people, { ...attempt, code: codeOf(known, -1) })).kind).toBe('wrong')
  expect((await answerCode(clinic.people, { ...attempt, code: codeOf(known, 1) })).kind).toBe('in')
})

test('a recovery code stands in for the app once; it is stored as a hash', async () => {
  const { account, recovery } = await enrolled('lost@clinic.example')
  expect(recovery).toHaveLength(10)
  expect(new Set(recovery).size).toBe(10)
  for (const code of recovery) expect(code).toMatch(/^(\d{4}-){4}\d{4}$/)
  expect(JSON.stringify(await findAccount(clinic.store, account))).not.toContain(recovery[0]!.replaceAll('-', ''))
  const typed = ` ${recovery[0]!.replaceAll('-', ' ')} `
  const attempt = { ...AT, account, code: typed }
  const kinds = (await Promise.all([1, 2, 3].map(() => answerCode(clinic.people, attempt)))).map(({ kind }) => kind)
  expect(kinds.sort()).toEqual(['in', 'wrong', 'wrong'])
  expect((await findAccount(clinic.store, account))?.recovery).toHaveLength(9)
})

test('few wrong codes are looked at, and those who have no password cannot use them up for a known device', async () => {
  const known = await enrolled('guessed@clinic.example')
  const { account } = known
  const { devices } = (await answerCode(clinic.people, { ...AT, account, code: codeOf(known) })) as SignedIn
  for (let turn = 0; turn < CODE_LIMIT; turn++) {
    expect((await answerCode(clinic.people, { ...AT, account, code: '000000' })).kind).toBe('wrong')
  }
  const next = { ...AT, account, code: codeOf(known, 1) }
  expect(await answerCode(clinic.people, next)).toEqual({ kind: 'later', seconds: expect.any(Number) })
  expect((await answerCode(clinic.people, { ...next, devices })).kind).toBe('in')
})

test('a disabled account is let in by no code, and one without a second factor by none either', async () => {
  const known = await enrolled('gone@clinic.example')
  await setDisabled(clinic.store, known.account, true)
  const attempt = { ...AT, account: known.account, code: codeOf(known) }
  expect((await answerCode(clinic.people, attempt)).kind).toBe('wrong')
  const { _id: account } = await clinic.add('plain@clinic.example')
  for (const code of ['000000', '0000-0000-0000-0000-0000']) {
    expect((await answerCode(clinic.people, { ...AT, account, code })).kind).toBe('wrong')
    expect((await confirmEnrolment(clinic.people, { ...AT, account, code })).kind).toBe('wrong')
  }
})
