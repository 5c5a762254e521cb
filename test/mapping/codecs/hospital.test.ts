/** Codecs the hospital's tables asked for: answers to appointments, shared columns, amounts, notes, qualifications. */
import { expect, test } from '@jest/globals'
import { NotStorableError } from '../../../src/mapping/errors.ts'
import { contextIn, keepsReading, make, tableOf } from './laws.ts'

const context = contextIn()
const table = tableOf(
  {
    scheduled: ['booked', 'needs-action'],
    confirmed: ['booked', 'accepted'],
    completed: ['fulfilled', 'accepted'],
    cancelled: ['cancelled', 'accepted'],
  },
  { otherwise: ['pending', 'needs-action'] },
)
const codec = make('appointment-answer', { table, back: { arrived: 'confirmed' } })

function written(sent: unknown, before: unknown): unknown[] {
  return codec.write(sent, before, context) as unknown[]
}

test('the word gives the status and the patient’s answer; the patient who cancelled has declined', () => {
  expect(codec.read(['Scheduled', null, 'u1', 'p1'], context)).toEqual(['booked', 'needs-action'])
  expect(codec.read(['cancelled', 'u1', 'u1', 'p1'], context)).toEqual(['cancelled', 'declined'])
  expect(codec.read(['cancelled', 'p1', 'u1', 'p1'], context)).toEqual(['cancelled', 'declined'])
  expect(codec.read(['cancelled', 'desk', 'u1', 'p1'], context)).toEqual(['cancelled', 'accepted'])
  expect(codec.read(['confirmed', 'u1', 'u1', 'p1'], context)).toEqual(['booked', 'accepted'])
})

test('an unknown word is pending and counted, an empty one is pending', () => {
  const counting = contextIn()
  expect(codec.read(['moved', null, 'u1', 'p1'], counting)).toEqual(['pending', 'needs-action'])
  expect(counting.warnings).toHaveLength(1)
  expect(codec.read([null, null, 'u1', 'p1'], counting)).toEqual(['pending', 'needs-action'])
  expect(counting.warnings).toHaveLength(1)
})

test('the answer tells scheduled from confirmed on write', () => {
  expect(written(['booked', 'accepted'], ['scheduled', null, 'u1', 'p1'])).toEqual([...['confirmed', null, 'u1', 'p1']])
  expect(written(['booked', 'needs-action'], ['moved', null, 'u1', 'p1'])[0]).toBe('scheduled')
  expect(() => written(['booked', 'declined'], ['scheduled', null, 'u1', 'p1'])).toThrow(NotStorableError)
})

test('an appointment is cancelled whatever the patient had answered, and by the patient who declines', () => {
  const scheduled = ['scheduled', null, 'u1', 'p1']
  expect(written(['cancelled', 'needs-action'], scheduled)).toEqual(['cancelled', null, 'u1', 'p1'])
  expect(written(['cancelled', 'declined'], scheduled)).toEqual(['cancelled', 'u1', 'u1', 'p1'])
  expect(written(['cancelled', 'declined'], ['scheduled', null, null, 'p1'])[1]).toBe('p1')
  expect(written(['cancelled', 'accepted'], ['cancelled', 'u1', 'u1', 'p1'])[1]).toBeNull()
})

test('a status no word writes takes the word named for it, or is refused', () => {
  expect(written(['arrived', 'accepted'], ['confirmed', null, 'u1', 'p1'])[0]).toBe('confirmed')
  expect(() => written(['waitlist', 'accepted'], ['confirmed', null, 'u1', 'p1'])).toThrow('waitlist')
  expect(() => written([undefined, 'accepted'], ['confirmed', null, 'u1', 'p1'])).toThrow(NotStorableError)
})

test('a doctor comes unless the doctor cancelled', () => {
  const other = make('participant-answer', { table })
  expect(other.read(['scheduled', null, 'u2', 'd2'], context)).toBe('accepted')
  expect(other.read(['cancelled', 'u2', 'u2', 'd2'], context)).toBe('declined')
  expect(other.read(['cancelled', 'u1', 'u2', 'd2'], context)).toBe('accepted')
})

test('a column of its own goes before a shared one, which is never written', () => {
  const own = make('own-or-shared', { of: make('text') })
  expect(own.read([null, 'active'], context)).toBe('active')
  expect(own.read(['stopped', 'active'], context)).toBe('stopped')
  expect(own.write('stopped', [null, 'active'], context)).toEqual(['stopped', 'active'])
  expect(own.write('active', ['stopped', 'active'], context)).toEqual([null, 'active'])
  expect(() => own.write(undefined, ['stopped', 'active'], context)).toThrow(NotStorableError)
  expect(own.write(undefined, ['stopped', null], context)).toEqual([null, null])
})

test('an amount is a number, perhaps with a unit; other text is kept and counted', () => {
  const amount = make('amount')
  expect(amount.read('30 tablets', context)).toEqual({ value: 30, unit: 'tablets' })
  expect(amount.read(0, context)).toEqual({ value: 0 })
  expect(amount.read('a bottle', contextIn())).toBeUndefined()
  expect(keepsReading(amount, ' 30  tablets ')).toBe(' 30  tablets ')
  expect(amount.write({ value: 120 }, 60, context)).toBe(120)
  expect(amount.write({ value: 120 }, '60', context)).toBe('120')
  expect(amount.write({ value: 20, unit: 'tablets' }, '30 tablets', context)).toBe('20 tablets')
  expect(amount.write(undefined, 'a bottle', context)).toBe('a bottle')
  expect(amount.write(undefined, '30 tablets', context)).toBeNull()
  expect(() => amount.write({ value: 20, unit: 'tablets' }, 60, context)).toThrow(NotStorableError)
  expect(() => amount.write({ value: 20, code: '{tbl}' }, null, context)).toThrow('code')
})

test('notes stay in the columns they are in; a new one takes the first that is left', () => {
  const notes = make('notes')
  expect(notes.read(['one', null], context)).toEqual([{ text: 'one' }])
  expect(keepsReading(notes, [null, ' two '])).toEqual([null, ' two '])
  expect(notes.write([{ text: 'two' }, { text: 'new' }], ['one', 'two'], context)).toEqual(['new', 'two'])
  expect(notes.write(undefined, ['one', 'two'], context)).toEqual([null, null])
  expect(() => notes.write([{ text: 'a' }, { text: 'b' }, { text: 'c' }], ['one', 'two'], context)).toThrow('2 notes')
  expect(() => notes.write([{ text: 'a', authorString: 'me' }], ['one', 'two'], context)).toThrow('authorString')
})

const qualifications = make('qualifications', { system: 'IB/licence' })
const doctor = ['["MBBS","MD"]', ['ACLS'], 'CA-9', '2028-01-31']

test('qualifications, certificates and the licence are one list', () => {
  expect(qualifications.read(doctor, context)).toEqual([
    { code: { text: 'MBBS' } },
    { code: { text: 'MD' } },
    { code: { text: 'ACLS' } },
    { identifier: [{ system: 'IB/licence', value: 'CA-9' }], code: { text: 'licence' }, period: { end: '2028-01-31' } },
  ])
  expect(qualifications.read([[], null, '', '2028-01-31'], context)).toBeUndefined()
  expect(keepsReading(qualifications, doctor)).toEqual(doctor)
})

test('a text stays in its list, a new one is a qualification, the licence may go', () => {
  const sent = [{ code: { text: 'ACLS' } }, { code: { text: 'MD' } }, { code: { text: 'PhD' } }]
  expect(qualifications.write(sent, doctor, context)).toEqual(['["MD","PhD"]', ['ACLS'], null, null])
})

test('what the columns of a doctor cannot hold is refused', () => {
  const licence = { code: { text: 'licence' }, identifier: [{ system: 'IB/licence', value: 'X' }] }
  expect(qualifications.write([licence], doctor, context)).toEqual(['[]', [], 'X', null])
  expect(() => qualifications.write([licence, licence], doctor, context)).toThrow('one licence')
  expect(() => qualifications.write([{ ...licence, issuer: { display: 'Board' } }], doctor, context)).toThrow('licence')
  expect(() => qualifications.write([{ code: { text: 'MD' }, period: {} }], doctor, context)).toThrow('period')
})

test('a blood group reads in capitals and is not rewritten for its case', () => {
  const upper = make('upper-text')
  expect(upper.read(' ab+ ', context)).toBe('AB+')
  expect(upper.write('AB+', ' ab+ ', context)).toBe(' ab+ ')
  expect(upper.write('o-', 'ab+', context)).toBe('O-')
})

test('an end is assumed where there is a start and no length', () => {
  const assumed = make('assumed-length')
  expect(assumed.read(['2025-09-15', null], context)).toBe(true)
  expect(assumed.read(['2025-09-15', -5], context)).toBe(true)
  expect(assumed.read(['2025-09-15', '15'], context)).toBeUndefined()
  expect(assumed.read([null, null], context)).toBeUndefined()
})
