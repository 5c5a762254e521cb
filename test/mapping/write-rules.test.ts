/** What a mapping says of writes besides its rules, on the ward of test/mappings. */
import { expect, test } from '@jest/globals'
import { GatewayError } from '../../src/kernel/errors.ts'
import { NotStorableError } from '../../src/mapping/errors.ts'
import type { Lens, Rows } from '../../src/mapping/lens.ts'
import { loadSystems } from '../../src/mapping/load.ts'
import { BASE } from './examples.ts'

const loaded = loadSystems('test/mappings', { base: BASE })
const lens = (name: string): Lens =>
  loaded.systems.flatMap(({ lenses }) => lenses).find((each) => each.name === name) as Lens
const { writes: patient } = lens('ward/patient')
const { writes: visit } = lens('ward/visit')
const { writes: reading } = lens('ward/reading')

function refusalOf(work: () => void): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof NotStorableError) return error.path
    if (error instanceof GatewayError) return error.code
    throw error
  }
}

test('the mappings of the tests are without mistakes', () => {
  expect(loaded.errors).toEqual([])
})

test('which writes are taken', () => {
  const kinds = loaded.systems
    .filter(({ system }) => system !== 'dental')
    .flatMap(({ lenses }) => lenses)
    .map(({ name, writes: { updates, creates, deletion } }) => [name, updates, creates, deletion?.kind])
  expect(kinds).toEqual([
    ['branch/organization', false, false, undefined],
    ['branch/patient', true, true, 'row'],
    ['branch/remark', true, false, undefined],
    ['ward/allergy', true, true, 'element'],
    ['ward/medicine', true, true, 'element'],
    ['ward/patient', true, true, 'set'],
    ['ward/reading', true, true, 'empty'],
    ['ward/room', true, true, 'row'],
    ['ward/visit', true, true, 'set'],
  ])
})

test('the element that writes a column is named, none where no rule does', () => {
  expect(patient.pathOf({ alias: 'a', column: 'email' })).toBe('telecom[system=email].value')
  expect(patient.pathOf({ alias: 'p', column: 'number' })).toBe('')
  expect(visit.pathOf({ alias: 'v', column: 'room' })).toBe('participant[actor=Location].actor')
})

test('a condition is asked once its column was written, of a new row always', () => {
  const rows = (email: unknown): Rows => ({ p: {}, a: { email } })
  const email = 'telecom[system=email].value'
  expect(refusalOf(() => patient.assertAllowed(undefined, rows('x')))).toBeUndefined()
  for (const empty of [undefined, null, '']) {
    expect(refusalOf(() => patient.assertAllowed(undefined, rows(empty)))).toBe(email)
    expect(refusalOf(() => patient.assertAllowed(rows('x'), rows(empty)))).toBe(email)
    // A program left it so: a write of something else is none of its business
    expect(refusalOf(() => patient.assertAllowed(rows(empty), rows(empty)))).toBeUndefined()
  }
})

test('a condition on a joined row is asked when the key that leads there was written', () => {
  const rows = (room: unknown, active: unknown): Rows => ({ v: { patient: 'p', room }, r: { active } })
  const actor = 'participant[actor=Location].actor'
  for (const yes of [true, 1, '1'])
    expect(refusalOf(() => visit.assertAllowed(undefined, rows(1, yes)))).toBeUndefined()
  for (const no of [false, 0, null]) expect(refusalOf(() => visit.assertAllowed(undefined, rows(1, no)))).toBe(actor)
  expect(refusalOf(() => visit.assertAllowed(undefined, { v: { patient: 'p', room: 9 }, r: undefined }))).toBe(actor)
  expect(refusalOf(() => visit.assertAllowed(undefined, { v: { patient: 'p' }, r: undefined }))).toBeUndefined()
  expect(refusalOf(() => visit.assertAllowed(rows(1, false), rows(1, false)))).toBeUndefined()
  expect(refusalOf(() => visit.assertAllowed(rows(1, true), rows(2, false)))).toBe(actor)
})

test.each([
  ['scheduled', 'confirmed', true],
  [' Scheduled ', 'CANCELLED', true],
  ['scheduled', 'done', false],
  ['scheduled', null, false],
  ['done', 'done', true],
  ['done', 'scheduled', false],
  ['waiting', 'done', true],
  [null, 'done', true],
])('from %j to %j', (from, to, allowed) => {
  const rows = (status: unknown): Rows => ({ v: { patient: 'p', status }, r: undefined })
  expect(refusalOf(() => visit.assertAllowed(rows(from), rows(to)))).toBe(allowed ? undefined : 'status')
})

test('a row that is locked may not be changed', () => {
  const locked = (value: unknown) => refusalOf(() => visit.assertEditable({ v: { locked: value } }))
  expect([false, 0, null, undefined, ''].map(locked)).toEqual([undefined, undefined, undefined, undefined, undefined])
  expect([true, 1, '1'].map(locked)).toEqual(['GW_CONFLICT', 'GW_CONFLICT', 'GW_CONFLICT'])
})

test('a create belongs where one of the alternatives fits', () => {
  const coded = (...codes: string[]) => ({ code: { coding: codes.map((code) => ({ code })) } })
  expect([coded('8867-4'), coded('x', '8310-5'), coded('x'), {}].map((each) => reading.accepts(each))).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect(patient.accepts({})).toBe(true)
})
