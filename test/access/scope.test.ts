/** The grammar of SMART scopes for resources, v1 and v2. */
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readPermission, readScope, scopesIn, scopesWithin } from '../../src/access/scope.ts'
import { resourceTypes } from '../../src/r4/elements.ts'

test.each([
  ['patient/Observation.rs', ['patient', 'Observation', 'rs', []]],
  ['user/*.cruds', ['user', '*', 'cruds', []]],
  ['system/Patient.s', ['system', 'Patient', 's', []]],
  ['patient/*.read', ['patient', '*', 'rs', []]],
  ['user/Task.write', ['user', 'Task', 'cud', []]],
  ['system/*.*', ['system', '*', 'cruds', []]],
  ['http://smarthealthit.org/fhir/scopes/patient/*.read', ['patient', '*', 'rs', []]],
  ['patient/Observation.rs?category=laboratory', ['patient', 'Observation', 'rs', [['category', 'laboratory']]]],
  [
    'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
    [
      'patient',
      'Observation',
      'rs',
      [['category', 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory']],
    ],
  ],
  [
    'user/Observation.r?status=final,amended&category=a%7Cb',
    [
      ...['user', 'Observation', 'r'],
      [
        ['category', 'a|b'],
        ['status', 'final,amended'],
      ],
    ],
  ],
  ['patient/Observation.rs?encounter=Encounter/1', ['patient', 'Observation', 'rs', [['encounter', 'Encounter/1']]]],
])('%s is understood', (text, [level, type, letters, where]) => {
  expect(readScope(text)).toEqual({ level, type, letters, where, text })
})

test.each([
  // letters: none, in another order, unknown, twice
  ...['patient/Observation.', 'patient/Observation.sr', 'patient/Observation.dus', 'patient/Observation.rss'],
  ...['patient/Observation.x', 'patient/Observation.Read', 'patient/Observation'],
  // types
  ...['patient/Foo.rs', 'patient/.rs', 'patient/observation.rs', 'patient/Resource.rs', 'patient/**.rs'],
  // levels and words of other kinds
  ...['launch/patient', 'openid', 'staff/Observation.rs', '/Observation.rs', 'Patient/Observation.rs'],
  // granular: unknown parameters, values that are no keys, modifiers, chains, filters, v1, all types
  ...['patient/Observation.rs?', 'patient/Observation.rs?colour=red', 'patient/Observation.rs?category='],
  ...[
    'patient/Observation.rs?category:in=x',
    'patient/Observation.rs?subject.name=x',
    'patient/Observation.rs?_filter=x',
  ],
  ...[
    'patient/Observation.rs?_has:Group:member:_id=1',
    'patient/Observation.rs?date=gt2020',
    'patient/Patient.rs?name=x',
  ],
  ...[
    'patient/Observation.rs?category=a&colour=red',
    'patient/Observation.rs?category=a,',
    'patient/Observation.rs?_id=1',
  ],
  ...['patient/Observation.read?category=laboratory', 'patient/*.rs?_tag=x', 'patient/Observation.rs?category=*|a'],
  ...['patient/Observation.rs?category=a|b|c', 'patient/Observation.rs?encounter=1', 'patient/Observation.rs?_count=1'],
  ...[
    'patient/Observation.rs?subject=Organization/1',
    'patient/Observation.rs?category=a\\,b',
    'patient/Observation.rs?category=|',
  ],
  'patient/Observation.rs\n',
])('%j is no scope, and opens nothing', (text) => {
  expect(readScope(text)).toBeUndefined()
  // A word that is not of this kind is known by its spelling alone
  if (/^(patient|user|system)\//.test(text)) expect(scopesWithin(text, `${text} patient/*.cruds`)).toEqual([])
})

const letters = fc.subarray(['c', 'r', 'u', 'd', 's'], { minLength: 1 }).map((each) => each.join(''))
const type = fc.constantFrom('*', ...resourceTypes)
const level = fc.constantFrom('patient', 'user', 'system')

test('what is built by the grammar is read as it was built', () => {
  fc.assert(
    fc.property(level, type, letters, (of, name, some) => {
      expect(readScope(`${of}/${name}.${some}`)).toMatchObject({ level: of, type: name, letters: some, where: [] })
    }),
  )
})

test('whatever comes in, letters are some of cruds in this order, and types are those of R4', () => {
  const word = fc.string({
    unit: fc.constantFrom(...'p a t i e n t / u s e r . * c d O b ? = & | , %'.split(' ')),
    maxLength: 30,
  })
  fc.assert(
    fc.property(
      fc.oneof(
        word,
        fc.string(),
        fc.tuple(level, word).map(([of, rest]) => `${of}/${rest}`),
      ),
      (text) => {
        const scope = readScope(text)
        if (!scope) return
        expect(scope.letters).toMatch(/^c?r?u?d?s?$/)
        expect(scope.letters).not.toBe('')
        expect(['*', ...resourceTypes]).toContain(scope.type)
      },
    ),
  )
})

test('a permission of a role is a scope without level', () => {
  expect(readPermission('Appointment.cruds')).toMatchObject({ type: 'Appointment', letters: 'cruds' })
  expect(readPermission('*.rs')).toMatchObject({ type: '*', letters: 'rs' })
  expect(readPermission('accounts:manage')).toBeUndefined()
})

test('only the words for resources are read of a scope, each once', () => {
  const found = scopesIn('openid  patient/Observation.r patient/Observation.r launch patient/Foo.rs user/*.read')
  expect(found.map(({ text }) => text)).toEqual(['patient/Observation.r', 'user/*.read'])
})

test.each([
  ['patient/Observation.r', 'patient/*.rs', true],
  ['patient/Observation.rs', 'patient/Observation.r patient/*.s', true],
  ['patient/Observation.read', 'patient/Observation.rs', true],
  ['patient/Observation.rs?category=a', 'patient/Observation.rs', true],
  ['patient/Observation.rs?category=a', 'patient/Observation.rs?category=a,b', true],
  ['patient/Observation.rs?category=a&status=final', 'patient/Observation.rs?status=final', true],
  ['patient/Observation.rs', 'patient/Observation.rs?category=a', false],
  ['patient/Observation.rs?category=a,b', 'patient/Observation.rs?category=a', false],
  ['patient/*.rs', 'patient/Observation.rs', false],
  ['patient/Observation.crs', 'patient/*.rs', false],
  ['user/Observation.rs', 'patient/*.rs', false],
  ['patient/Observation.rs', 'system/*.cruds user/*.cruds', false],
  ['openid', 'openid fhirUser', true],
  ['offline_access', 'openid fhirUser', false],
  ['__clinic', '__clinic', true],
  ['patient/Foo.rs', 'patient/Foo.rs', false],
])('%s asked of %s is covered: %s', (asked, allowed, isCovered) => {
  expect(scopesWithin(asked, allowed)).toEqual(isCovered ? [asked] : [])
})

test('whoever asks for some of what is allowed gets it, and never more than was asked', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(level, type, letters)),
      fc.array(fc.tuple(level, type, letters)),
      (asked, allowed) => {
        const write = (parts: [string, string, string][]): string =>
          parts.map(([a, b, c]) => `${a}/${b}.${c}`).join(' ')
        const covered = scopesWithin(write(asked), write(allowed))
        expect(write(asked).split(' ')).toEqual(expect.arrayContaining(covered))
        expect(scopesWithin(write(allowed), write(allowed))).toEqual(
          [...new Set(write(allowed).split(' '))].filter(Boolean),
        )
        for (const text of covered) {
          const { level: of, type: name, letters: some } = readScope(text) ?? { level: '', type: '', letters: '' }
          for (const letter of some) {
            const isAllowed = allowed.some(([a, b, c]) => a === of && (b === '*' || b === name) && c.includes(letter))
            expect(isAllowed).toBe(true)
          }
        }
      },
    ),
  )
})
