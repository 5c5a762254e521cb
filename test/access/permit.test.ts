/** From what a token was granted to what it permits. */
import { expect, test } from '@jest/globals'
import { isAllowed, mayAsk, mayAskAll, only, testsOf, wide } from '../../src/access/allowed.ts'
import type { Credential } from '../../src/access/credential.ts'
import { everythingOf, permitOf } from '../../src/access/permit.ts'

const found = (k: readonly string[]) => ({ k: [...k], d: [] })

const backend: Credential = { tenant: 'default', client: 'c', scope: '' }
const user = { account: 'a', representing: [], permissions: ['*.cruds'] }
const staff = { ...user, person: 'Practitioner/d1' }

function permit(scope: string, more: Partial<Credential> = {}) {
  return permitOf({ ...backend, scope, ...more })
}
const mine = ['patient=Patient/p1', 'subject=Patient/p1']
const theirs = ['patient=Patient/p2', 'subject=Patient/p2']

test('equal content gives the same object, so that reads of one turn are gathered', () => {
  expect(permit('patient/*.rs', { patient: 'p1' })).toBe(permit('patient/*.rs', { patient: 'p1' }))
  // Consents may name an app
  expect(permit('patient/*.rs', { patient: 'p1' })).not.toBe(permit('patient/*.rs', { patient: 'p1', client: 'other' }))
  expect(permit('patient/*.rs', { patient: 'p1' })).not.toBe(permit('patient/*.rs', { patient: 'p2' }))
  const one = permit('patient/*.rs', { patient: 'p1' })
  expect(only(one, 's')).toBe(only(one, 's'))
})

test('who may do everything, and is cleared for everything, has the Permit of nobody in particular', () => {
  const cleared = 'clearance:V clearance:consent'
  const permissions = ['*.cruds', ...cleared.split(' ')]
  expect(permit(`system/*.cruds ${cleared}`)).toBe(everythingOf('default'))
  expect(permit('user/*.*', { user: { ...staff, permissions } })).toBe(everythingOf('default'))
  expect(permit(`system/*.cruds ${cleared}`, { tenant: 'other' })).toBe(everythingOf('other'))
  expect(permit(`system/*.crud ${cleared}`)).not.toBe(everythingOf('default'))
  for (const less of ['', 'clearance:R', 'clearance:V', 'clearance:R clearance:consent']) {
    expect(permit(`system/*.cruds ${less}`)).not.toBe(everythingOf('default'))
  }
  // of people the roles say it, whatever the scope says
  expect(permit(`user/*.* ${cleared}`, { user: staff })).not.toBe(everythingOf('default'))
})

const label = (code: string) => `_security=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|${code}`

test.each([
  ['nobody in particular', {}, [true, true, false, false]],
  ['a program with clearance R', { scope: 'system/*.rs clearance:R' }, [true, true, true, false]],
  ['a program with clearance V', { scope: 'system/*.rs clearance:V' }, [true, true, true, true]],
  ['staff', { scope: 'user/*.rs', user: staff }, [true, true, false, false]],
  [
    'staff by whose app clearance is asked for',
    { scope: 'user/*.rs clearance:V', user: staff },
    [true, true, false, false],
  ],
  [
    'a role with clearance',
    { scope: 'user/*.rs', user: { ...staff, permissions: ['*.rs', 'clearance:R'] } },
    [true, true, true, false],
  ],
  ['the patient', { scope: 'user/*.rs', user: { ...user, person: 'Patient/p1' } }, [true, true, true, false]],
  [
    'who acts for the patient',
    { scope: 'user/*.rs', user: { ...user, person: 'RelatedPerson/r', representing: ['p1'] } },
    [true, true, false, false],
  ],
] as const)('labels as seen by %s', (_who, credential, expected) => {
  const its = permitOf({ ...backend, scope: 'system/*.rs', ...(credential as Partial<Credential>) })
  const keys = [[], [label('N')], [label('R')], [label('R'), label('V')]]
  const seen = keys.map((each) => isAllowed(its, 'r', 'Condition', 'c', found([...mine, ...each])))
  expect(seen).toEqual(expected)
  expect(isAllowed(its, 'r', 'Condition', 'c', found([...mine, '_security=|V']))).toBe(expected[3])
  expect(mayAskAll(its, 'r', 'Practitioner')).toBe(expected[3])
})

test.each([
  ['no scope', '', {}],
  ['a scope of no level that fits: user without a user', 'user/*.cruds', {}],
  ['system with a user', 'system/*.cruds', { user }],
  ['patient without a patient in context', 'patient/*.cruds', {}],
  ['a user without any role', 'user/*.cruds', { user: { ...user, permissions: [] } }],
  ['a user whose roles are only for other work', 'user/*.cruds', { user: { ...user, permissions: ['apps:manage'] } }],
  ['what is no scope', 'patient/Foo.rs patient/Observation.sr openid', { patient: 'p1' }],
  ['a relative who stands for nobody', 'user/*.cruds', { user: { ...user, person: 'RelatedPerson/r' } }],
  ['a patient whose context is another', 'patient/*.cruds', { patient: 'p2', user: { ...user, person: 'Patient/p1' } }],
])('%s allows nothing', (_what, scope, more) => {
  const none = permit(scope, more)
  for (const letter of ['c', 'r', 'u', 'd', 's'] as const) {
    expect(testsOf(none, letter, 'Observation')).toEqual([])
    expect(isAllowed(none, letter, 'Observation', 'o', found(mine))).toBe(false)
    expect(isAllowed(none, letter, 'Patient', 'p2', found([]))).toBe(false)
  }
  expect(wide(none).rules).toEqual([])
})

test('a scope of the patient is for that patient, whoever uses it', () => {
  for (const more of [{}, { user: staff }, { user: { ...user, person: 'Patient/p1' } }]) {
    const its = permit('patient/Observation.rs patient/Patient.r', { patient: 'p1', ...more })
    expect(mayAsk(its, 'r', 'Observation')).toBe(true)
    expect(mayAsk(its, 'u', 'Observation')).toBe(false)
    expect(mayAsk(its, 's', 'Patient')).toBe(false)
    expect(isAllowed(its, 'r', 'Observation', 'o', found(mine))).toBe(true)
    expect(isAllowed(its, 'r', 'Observation', 'o', found(theirs))).toBe(false)
    expect(isAllowed(its, 'r', 'Observation', 'o', found([]))).toBe(false)
    expect(isAllowed(its, 'r', 'Patient', 'p1', found([]))).toBe(true)
    expect(isAllowed(its, 'r', 'Patient', 'p2', found(['link=Patient/p1']))).toBe(false)
    expect(mayAskAll(its, 'r', 'Observation')).toBe(false)
  }
})

test('roles bound what scopes say, by type, letter and condition', () => {
  const permissions = ['Observation.rs?category=laboratory', 'Appointment.cruds', '*.r']
  const its = permit('user/Observation.cruds user/*.rs', { user: { ...staff, permissions } })
  expect(mayAsk(its, 'c', 'Observation')).toBe(false)
  expect(mayAsk(its, 'c', 'Appointment')).toBe(false)
  expect(mayAsk(its, 's', 'Appointment')).toBe(true)
  expect(mayAsk(its, 's', 'Condition')).toBe(false)
  expect(isAllowed(its, 'r', 'Condition', 'c', found([]))).toBe(true)
  expect(isAllowed(its, 's', 'Observation', 'o', found(['category=*|laboratory']))).toBe(true)
  expect(isAllowed(its, 's', 'Observation', 'o', found(['category=*|vital-signs']))).toBe(false)
})

test('a patient as a user has their own records and those of whom they stand for; nobody else has', () => {
  const self = { ...user, person: 'Patient/p1', representing: ['p3'] }
  const its = permit('user/Condition.rs', { user: self })
  expect(isAllowed(its, 'r', 'Condition', 'c', found(mine))).toBe(true)
  expect(isAllowed(its, 'r', 'Condition', 'c', found(['patient=Patient/p3']))).toBe(true)
  expect(isAllowed(its, 'r', 'Condition', 'c', found(theirs))).toBe(false)
})

test('who somebody is they may always read, and nothing more by that', () => {
  const its = permit('openid fhirUser', { user: staff })
  expect(mayAsk(its, 'r', 'Practitioner', 'd1')).toBe(true)
  expect(mayAsk(its, 'r', 'Practitioner', 'd2')).toBe(false)
  expect(mayAsk(its, 's', 'Practitioner')).toBe(false)
  expect(isAllowed(its, 'r', 'Practitioner', 'd1', found([]))).toBe(true)
  expect(isAllowed(its, 'r', 'Practitioner', 'd2', found([]))).toBe(false)
})

test('two granular scopes of a type add up, the conditions of one must hold together', () => {
  const scope = 'system/Observation.rs?category=laboratory&status=final system/Observation.r?category=vital-signs'
  const its = permit(scope)
  const lab = ['category=*|laboratory', 'status=*|final']
  expect(isAllowed(its, 's', 'Observation', 'o', found(lab))).toBe(true)
  expect(isAllowed(its, 's', 'Observation', 'o', found(['category=*|laboratory']))).toBe(false)
  expect(isAllowed(its, 'r', 'Observation', 'o', found(['category=*|vital-signs']))).toBe(true)
  expect(isAllowed(its, 's', 'Observation', 'o', found(['category=*|vital-signs']))).toBe(false)
  expect(permit('system/Observation.r system/Observation.s').rules).not.toEqual(permit('system/Observation.rs').rules)
  expect(isAllowed(permit('system/Observation.r system/Observation.s'), 's', 'Observation', 'o', found([]))).toBe(true)
})

test('what several people are named in is read by who may see all of them', () => {
  const its = permit('patient/*.rs', { patient: 'p1' })
  const names = (...ids: string[]): string[] => ids.map((id) => `member=Patient/${id}`)
  expect(isAllowed(its, 'r', 'Group', 'g', found(names('p1')))).toBe(true)
  expect(isAllowed(its, 'r', 'Group', 'g', found(names('p1', 'p2')))).toBe(false)
  expect(isAllowed(its, 'r', 'Group', 'g', found([...names('p1'), 'member=https://here/fhir/R4/Patient/p2']))).toBe(
    false,
  )
  expect(isAllowed(its, 'r', 'Group', 'g', found(names('p2')))).toBe(false)
})

test('what is in nobody’s compartment is read where all share it, never written, and else not seen', () => {
  const its = permit('patient/*.cruds', { patient: 'p1' })
  for (const type of ['Practitioner', 'Organization', 'Location', 'Medication', 'Slot', 'Questionnaire', 'ValueSet']) {
    expect(isAllowed(its, 'r', type, 'x', found([]))).toBe(true)
    expect(isAllowed(its, 'u', type, 'x', found([]))).toBe(false)
  }
  for (const type of ['Binary', 'Bundle', 'Contract', 'Linkage', 'MessageHeader', 'Subscription', 'Parameters']) {
    expect(testsOf(its, 'rs', type)).toEqual([])
  }
  expect(isAllowed(its, 'r', 'Schedule', 's', found(['actor=Practitioner/d1']))).toBe(true)
  expect(isAllowed(its, 'r', 'Schedule', 's', found(['actor=Patient/p2']))).toBe(false)
  expect(isAllowed(its, 'r', 'Device', 'd', found(mine))).toBe(true)
  expect(isAllowed(its, 'r', 'Device', 'd', found([]))).toBe(false)
  expect(isAllowed(its, 'u', 'Task', 't', found(mine))).toBe(true)
})
