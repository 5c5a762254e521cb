import { expect, test } from '@jest/globals'
import { hashPassword, isPassword, passwordFault, TooManyLogins } from '../../../src/smart/people/password.ts'

const PASSWORD = 'correct horse battery'

test('a hash is argon2id with the parameters of OWASP, salted, and fits its password only', async () => {
  const [first, second] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)])
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(first).not.toBe(second)
  expect(await isPassword(first, PASSWORD)).toBe(true)
  expect(await isPassword(first, `${PASSWORD} `)).toBe(false)
  expect(await isPassword(first, '')).toBe(false)
})

test('a hash that another program wrote is understood', async () => {
  // argon2 reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 (its own test vector)
  const written = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  expect(await isPassword(written, 'password')).toBe(true)
  expect(await isPassword(written, 'Password')).toBe(false)
})

test('letters composed in either way are one password', async () => {
  const stored = await hashPassword('caf\u00e9 caf\u00e9 caf\u00e9')
  expect(await isPassword(stored, 'cafe\u0301 cafe\u0301 cafe\u0301')).toBe(true)
})

test('no hash, and one that cannot be read, fit nothing', async () => {
  for (const stored of [undefined, '', 'secret', '$2b$10$abcdefghijklmnopqrstuv', '$argon2id$v=19$m=1$x$y']) {
    expect(await isPassword(stored, 'secret')).toBe(false)
  }
})

test('a password nobody has costs what a wrong one does', async () => {
  const stored = await hashPassword(PASSWORD)
  const cost = { nobody: Infinity, wrong: Infinity }
  for (let turn = 0; turn < 7; turn++) {
    for (const [name, of] of [
      ['nobody', undefined],
      ['wrong', stored],
    ] as const) {
      const before = process.cpuUsage()
      await isPassword(of, 'wrong')
      const { user, system } = process.cpuUsage(before)
      cost[name] = Math.min(cost[name], user + system)
    }
  }
  const ratio = cost.nobody / cost.wrong
  expect(ratio).toBeGreaterThan(0.5)
  expect(ratio).toBeLessThan(2)
})

test('of many at once some are told to come later, and the rest are answered', async () => {
  const answers = await Promise.allSettled(Array.from({ length: 110 }, () => isPassword(undefined, 'x')))
  const refused = answers.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(8)
  expect((refused[0] as PromiseRejectedResult).reason).toBeInstanceOf(TooManyLogins)
  expect(await isPassword(await hashPassword(PASSWORD), PASSWORD)).toBe(true)
})

test('short, long, monotonous and telling passwords are refused in a sentence', () => {
  expect(passwordFault('elevenchars', 'a@b.example')).toBe('The password has fewer than 12 characters.')
  expect(passwordFault('x1y2z'.repeat(60), 'a@b.example')).toBe('The password has more than 256 characters.')
  expect(passwordFault('aaaaaaaaaaaaaaaa', 'a@b.example')).toContain('repeats')
  expect(passwordFault('my Miriam password', 'miriam@clinic.example')).toContain('e-mail')
  expect(passwordFault(PASSWORD, 'miriam@clinic.example')).toBeUndefined()
  expect(passwordFault('كلمة سر طويلة جدا', 'a@b.example')).toBeUndefined()
})
