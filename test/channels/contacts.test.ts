import { expect, test } from '@jest/globals'
import type { ContactPoint, Patient, Resource } from '@medplum/fhirtypes'
import type { Contact } from '../../src/channels/contacts.ts'
import { contactsOf } from '../../src/channels/contacts.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const email = { system: 'email', value: 'amal@patients.example' } as const
const phone = { system: 'phone', value: '+971 50 123-4567' } as const

function contacts(telecom: readonly ContactPoint[], more: Partial<Patient> = {}): Contact[] {
  return contactsOf({ resourceType: 'Patient', id: 'hms-7', telecom: [...telecom], ...more }, now)
}

const addresses = (telecom: readonly ContactPoint[]): string[] => contacts(telecom).map(({ to }) => to)

test('email before SMS before a push, numbers as they are dialled', () => {
  expect(contacts([phone, email])).toEqual([
    { code: 'email', to: 'amal@patients.example' },
    { code: 'sms', to: '+971501234567' },
    { code: 'push', to: 'Patient/hms-7' },
  ])
})

test('a rank goes before that, then what the person alone reads', () => {
  const work = { ...email, value: 'amal@work.example', use: 'work' } as const
  expect(addresses([work, email])).toEqual(['amal@patients.example', 'amal@work.example', 'Patient/hms-7'])
  expect(addresses([{ ...email, rank: 2 }, { ...work, rank: 1 }, phone])[0]).toBe('amal@work.example')
  const mobile = { ...phone, value: '0501112222', use: 'mobile' } as const
  expect(addresses([{ ...phone, use: 'home' }, mobile])).toEqual(['0501112222', '+971501234567', 'Patient/hms-7'])
})

test.each([
  ['old', { use: 'old' }],
  ['over', { period: { end: '2026-02-20' } }],
  ['not begun', { period: { start: '2026-03-10' } }],
  ['of a time that is none', { period: { end: 'soon' } }],
] as const)('an address that is %s is never used', (_what, more) => {
  expect(addresses([{ ...email, ...more }])).toEqual(['Patient/hms-7'])
})

test('one that is of these days is', () => {
  const period = { start: '2026-01', end: '2026-04-01' }
  expect(addresses([{ ...email, period }])[0]).toBe('amal@patients.example')
})

test.each([
  { system: 'phone', value: 'ask the neighbour' },
  { system: 'phone', value: '12' },
  { system: 'phone' },
  { system: 'email', value: 'none' },
  { system: 'fax', value: '+97143334444' },
  { system: 'pager', value: '12345678' },
  { value: '+97143334444' },
] as const)('%j leads to nobody', (point) => {
  expect(addresses([point])).toEqual(['Patient/hms-7'])
})

test('an address that is there twice is tried once', () => {
  expect(addresses([email, { ...email, use: 'home' }])).toEqual(['amal@patients.example', 'Patient/hms-7'])
})

test.each([{ deceasedBoolean: true }, { deceasedDateTime: '2025-12-01' }, { active: false }])('nobody: %j', (more) => {
  expect(contacts([email], more)).toEqual([])
})

test('staff have addresses too, and what has none has none', () => {
  const practitioner: Resource = { resourceType: 'Practitioner', id: 'hms-1', telecom: [email] }
  expect(contactsOf(practitioner, now).map(({ code }) => code)).toEqual(['email', 'push'])
  expect(contactsOf({ resourceType: 'Patient' }, now)).toEqual([])
})
