import { expect, test } from '@jest/globals'
import { CHOICES, choiceIn, choiceLink, isStopped } from '../../src/channels/choice.ts'
import { newSealKey, testSeals } from '../support/seals.ts'

const seals = testSeals()
const choice = { tenant: 'default', person: 'Patient/hms-7', kind: 'digest', code: 'email' } as const

function tokenOf(link: string): string {
  return new URL(link).pathname.slice(CHOICES.length)
}

test('a link says to the gateway what it is for, and nothing to anybody else', () => {
  const link = choiceLink(seals, 'https://clinic.example', choice, 'ar')
  expect(link).toMatch(/^https:\/\/clinic\.example\/messages\/choices\/[\w.-]+\?lang=ar$/)
  expect(choiceIn(seals, tokenOf(link))).toEqual(choice)
  for (const word of ['hms-7', 'digest', Buffer.from('hms-7').toString('base64url')]) expect(link).not.toContain(word)
})

test('it opens with an older key, and for nobody who made or changed it', () => {
  const [older, newer] = [newSealKey(), newSealKey()]
  const token = tokenOf(choiceLink(testSeals(older), 'https://clinic.example', choice, 'en'))
  expect(choiceIn(testSeals(newer, older), token)).toEqual(choice)
  expect(choiceIn(testSeals(newer), token)).toBeUndefined()
  const other = token.at(-5) === 'A' ? 'B' : 'A'
  expect(choiceIn(testSeals(older), `${token.slice(0, -5)}${other}${token.slice(-4)}`)).toBeUndefined()
  for (const wrong of [
    '',
    'x',
    '1.aaaaaaaa.bb',
    '../x',
    seals.seal({ record: 'default/Patient/1', path: 'name' }, '{}'),
  ]) {
    expect(choiceIn(seals, wrong)).toBeUndefined()
  }
})

test.each([
  [{ kind: 'digest', code: 'email' }, true],
  [{ kind: 'digest', code: '*' }, true],
  [{ kind: '*', code: 'email' }, true],
  [{ kind: '*', code: 'sms' }, false],
  [{ kind: 'report-ready', code: '*' }, false],
] as const)('%j stops digests by email: %s', (stopped, is) => {
  expect(isStopped([stopped], choice)).toBe(is)
})
