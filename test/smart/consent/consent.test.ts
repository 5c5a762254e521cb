import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readScope } from '../../../src/access/scope.ts'
import type { SmartScope } from '../../../src/access/scope.ts'
import { allOf, granted, linesOf } from '../../../src/smart/consent/consent.ts'
import type { Choices } from '../../../src/smart/consent/consent.ts'
import { choicesOf } from '../../../src/smart/consent/consent-choices.ts'

const LABORATORY = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory'
const VITAL_SIGNS = 'http://terminology.hl7.org/CodeSystem/observation-category|vital-signs'
const PROBLEMS = 'http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item'

function choose(asked: string, others: Partial<Choices>): string[] {
  return granted(asked, { ...allOf(asked), ...others })
}

test('Who takes nothing away grants what was asked, in its order.', () => {
  const asked = 'launch/patient openid fhirUser offline_access patient/Patient.rs user/*.cruds patient/Observation.read'
  expect(granted(asked, allOf(asked))).toEqual(asked.split(' '))
})

test('A type that is taken away is gone; what is about no records stays.', () => {
  const asked = 'launch/patient openid patient/Patient.rs patient/Observation.r patient/Observation.s'
  expect(choose(asked, { lines: new Set(['patient/Patient']) })).toEqual([
    'launch/patient',
    'openid',
    'patient/Patient.rs',
  ])
})

test('Categories instead of all leave no scope of the whole type (SC06).', () => {
  const asked = 'patient/Condition.rs patient/Observation.rs patient/Patient.rs'
  const kinds = new Map([
    ['patient/Condition', new Set([PROBLEMS])],
    ['patient/Observation', new Set([LABORATORY, VITAL_SIGNS])],
  ])
  expect(choose(asked, { kinds })).toEqual([
    `patient/Condition.rs?category=${PROBLEMS}`,
    `patient/Observation.rs?category=${LABORATORY}`,
    `patient/Observation.rs?category=${VITAL_SIGNS}`,
    'patient/Patient.rs',
  ])
})

test('A category that is not offered is not granted.', () => {
  const asked = 'patient/Observation.rs patient/Procedure.rs'
  const kinds = new Map([
    ['patient/Observation', new Set(['x|y', `${LABORATORY}&code=1`])],
    ['patient/Procedure', new Set([LABORATORY])],
  ])
  expect(choose(asked, { kinds })).toEqual(['patient/Procedure.rs'])
})

test('What was asked as v1 is granted as v1, so it has no categories.', () => {
  const asked = 'patient/Observation.read patient/*.read'
  const [line] = linesOf('patient/Observation.read')
  expect(line?.kinds).toEqual([])
  expect(choose(asked, { kinds: new Map([['patient/*', new Set(['Patient', 'Observation'])]]) })).toEqual([
    'patient/Observation.read',
    'patient/Patient.read',
  ])
})

test('All types can be narrowed to some, and take the types along that they cover.', () => {
  const asked = 'patient/*.rs patient/Basic.rs patient/Observation.cruds'
  expect(linesOf(asked).map(({ key, letters }) => [key, letters])).toEqual([
    ['patient/*', 'rs'],
    ['patient/Observation', 'cruds'],
  ])
  expect(choose(asked, { lines: new Set(['patient/*']), kinds: new Map([['patient/*', new Set(['Basic'])]]) })).toEqual(
    ['patient/Basic.rs'],
  )
})

test('Parts that were asked for are kept one by one.', () => {
  const parts = [`patient/Observation.rs?category=${LABORATORY}`, `patient/Observation.rs?category=${VITAL_SIGNS}`]
  expect(choose(parts.join(' '), { parts: new Set([parts[1]!]) })).toEqual([parts[1]])
})

test.each(['offline_access', 'online_access'])('%s is kept or taken away by itself.', (scope) => {
  expect(choose(`patient/Patient.rs ${scope}`, { offline: false })).toEqual(['patient/Patient.rs'])
  expect(choose(`patient/Patient.rs ${scope}`, { offline: true })).toEqual(['patient/Patient.rs', scope])
})

test.each(['patient/Observation.sr', 'patient/Observation.dus', 'patient/Observation.', 'user/.rs', 'system/*.rs'])(
  '%s is never granted to a user.',
  (scope) => {
    expect(granted(scope, { ...allOf(scope), lines: new Set([scope, 'system/*', 'patient/Observation']) })).toEqual([])
  },
)

test('The form of the page says what was chosen.', () => {
  const asked = 'patient/Observation.rs patient/Condition.rs patient/Patient.rs'
  const form = new URLSearchParams([
    ['line', 'patient/Observation'],
    ['line', 'patient/Condition'],
    ['how:patient/Observation', 'some'],
    ['kind:patient/Observation', LABORATORY],
    ['how:patient/Condition', 'all'],
    ['kind:patient/Condition', PROBLEMS],
  ])
  expect(granted(asked, choicesOf(asked, form))).toEqual([
    `patient/Observation.rs?category=${LABORATORY}`,
    'patient/Condition.rs',
  ])
})

const level = fc.constantFrom('patient', 'user', 'system')
const type = fc.constantFrom('*', 'Observation', 'Condition', 'Patient', 'Procedure', 'Foo')
const actions = fc.oneof(
  fc.constantFrom('read', 'write', '*'),
  fc.subarray('cruds'.split('')).map((letters) => letters.join('')),
)
const where = fc.constantFrom('', '', `?category=${LABORATORY}`, `?category=${PROBLEMS}`, '?code=a&status=final')
const resourceScope = fc.tuple(level, type, actions, where).map(([a, b, c, d]) => `${a}/${b}.${c}${d}`)
const otherScope = fc.constantFrom('openid', 'fhirUser', 'launch', 'launch/patient', 'offline_access', 'online_access')
const asking = fc.array(fc.oneof({ weight: 3, arbitrary: resourceScope }, otherScope), { maxLength: 8 })

/** Any answer to a form, whether the form asked for it or not. */
const answers = fc.array(
  fc.oneof(
    fc.tuple(
      fc.constant('line'),
      fc.tuple(level, type).map((pair) => pair.join('/')),
    ),
    fc.tuple(
      fc.tuple(level, type).map((pair) => `how:${pair.join('/')}`),
      fc.constantFrom('all', 'some'),
    ),
    fc.tuple(
      fc.tuple(level, type).map((pair) => `kind:${pair.join('/')}`),
      fc.constantFrom(LABORATORY, PROBLEMS, 'Patient', 'Observation', '*', 'x', '*.cruds'),
    ),
    fc.tuple(fc.constant('part'), resourceScope),
    fc.constant(['offline', 'yes'] as [string, string]),
  ),
  { maxLength: 30 },
)

function isWithin(scope: SmartScope, asked: SmartScope): boolean {
  return (
    scope.level === asked.level &&
    (asked.type === '*' || asked.type === scope.type) &&
    scope.letters.split('').every((letter) => asked.letters.includes(letter)) &&
    asked.where.every(([name, value]) => scope.where.some((each) => each[0] === name && each[1] === value))
  )
}

test('Whatever is asked and however it is answered, nothing is granted that was not asked.', () => {
  fc.assert(
    fc.property(asking, answers, (scopes, answer) => {
      const asked = scopes.flatMap((text) => readScope(text) ?? [])
      for (const text of granted(scopes.join(' '), choicesOf(scopes.join(' '), new URLSearchParams(answer)))) {
        const scope = readScope(text)
        if (scope) expect(asked.some((each) => isWithin(scope, each))).toBe(true)
        else expect(scopes).toContain(text)
      }
    }),
    { numRuns: 2000 },
  )
})

test('Of v1 comes v1.', () => {
  fc.assert(
    fc.property(asking, answers, (scopes, answer) => {
      const first = /\.(read|write|\*)$/
      fc.pre(scopes.every((text) => readScope(text) === undefined || first.test(text)))
      for (const text of granted(scopes.join(' '), choicesOf(scopes.join(' '), new URLSearchParams(answer)))) {
        if (readScope(text)) expect(text).toMatch(first)
      }
    }),
  )
})

test('What was granted whole is granted whole again.', () => {
  fc.assert(
    fc.property(asking, (scopes) => {
      const once = granted(scopes.join(' '), allOf(scopes.join(' '))).join(' ')
      expect(granted(once, allOf(once)).join(' ')).toBe(once)
    }),
  )
})
