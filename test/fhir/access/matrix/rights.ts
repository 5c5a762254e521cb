/**
 * The oracle of who may do what, from docs/access.md and HL7's own definitions: scopes are parsed and compartments walked
 * over parsed resources here once more, so that nothing of src/access or src/store judges itself.
 */
import { found, type Resource } from '../../../support/search-oracle/ask.ts'
import { isHidden } from './hidden.ts'
import type { Eyes, Label } from './hidden.ts'
import { isOf, isShared, several, shared } from './whose.ts'

/** What a token was issued for. */
export interface Grant {
  readonly tenant: string
  readonly scope: string
  readonly patient?: string
  readonly user?: { readonly person?: string; readonly representing?: readonly string[]; readonly role: Role }
  /** the patient (id) whose record is opened with it in an emergency */
  readonly opens?: string
}

export type Role = 'practitioner' | 'staff' | 'patient'

interface Rule {
  readonly type: string
  readonly letters: string
  readonly patients?: readonly string[]
  readonly only?: string
  readonly where: readonly (readonly [string, string])[]
  readonly eyes: Eyes
}

export type Rules = readonly Rule[]

const DESK = ['Patient', 'RelatedPerson', 'Appointment', 'AppointmentResponse', 'Schedule', 'Slot', 'Coverage', 'Task']
const OWN = ['Appointment', 'AppointmentResponse', 'Communication', 'DocumentReference', 'QuestionnaireResponse']
const roles: Readonly<Record<Role, readonly string[]>> = {
  practitioner: ['*.cruds'],
  staff: ['*.rs', ...DESK.map((type) => `${type}.cruds`)],
  patient: ['*.rs', 'Observation.c', 'Patient.u', ...OWN.map((type) => `${type}.cu`)],
}

export function rulesOf(grant: Grant): Rules {
  const eyes = eyesOf(grant)
  const rules = grant.scope.split(' ').flatMap((word): Rule[] => {
    const [, level, type = '', letters = '', query = ''] =
      /^(patient|user|system)\/(\*|[A-Za-z]+)\.([a-z*]+)(?:\?(.+))?$/.exec(word) ?? []
    const rule = { type, letters: lettersOf(letters), where: [...new URLSearchParams(query)], eyes }
    return level === undefined ? [] : rulesAt(level, rule, grant)
  })
  const self = grant.user?.person
  return self === undefined ? rules : [...rules, { type: typeIn(self), letters: 'r', only: self, where: [], eyes }]
}

function eyesOf({ scope, user, opens }: Grant): Eyes {
  const [, cleared] = /\bclearance:([RV])\b/.exec(scope) ?? []
  return {
    ...(cleared !== undefined && { cleared: cleared as Label }),
    isExempt: scope.includes('clearance:consent'),
    ...(user?.person !== undefined && { person: user.person }),
    opened: opens === undefined ? [] : [opens],
  }
}

function rulesAt(level: string, rule: Rule, { patient, user }: Grant): Rule[] {
  if (level === 'system') return user ? [] : [rule]
  const own = user && ownOf(user)
  if (level === 'patient') {
    const isOpen = patient !== undefined && (own?.includes(patient) ?? true)
    return isOpen ? within(rule, user?.role).map((each) => ({ ...each, patients: [patient] })) : []
  }
  return user ? within(rule, user.role).map((each) => ({ ...each, ...(own && { patients: own }) })) : []
}

function lettersIn(letters: string): string[] {
  return letters.split('')
}

function lettersOf(word: string): string {
  return { read: 'rs', write: 'cud', '*': 'cruds' }[word] ?? word
}

/** Undefined: everybody. */
function ownOf({ person = '', representing = [] }: NonNullable<Grant['user']>): readonly string[] | undefined {
  if (person.startsWith('Patient/')) return [person.slice('Patient/'.length), ...representing]
  return /^(RelatedPerson|Person)\//.test(person) ? representing : undefined
}

function within(rule: Rule, role: Role | undefined): Rule[] {
  if (role === undefined) return [rule]
  return roles[role].flatMap((permission) => {
    const [type = '', letters = ''] = permission.split('.')
    const both = lettersIn(rule.letters)
      .filter((letter) => letters.includes(letter))
      .join('')
    if (both === '' || (type !== '*' && rule.type !== '*' && type !== rule.type)) return []
    return [{ ...rule, type: rule.type === '*' ? type : rule.type, letters: both }]
  })
}

/** Is there a scope for it at all? */
export function hasScope(rules: Rules, letter: string, type?: string, id?: string): boolean {
  return rules.some(
    (rule) =>
      rule.letters.includes(letter) &&
      (type === undefined || rule.type === '*' || rule.type === type) &&
      (rule.only === undefined || rule.only === `${type}/${id}`),
  )
}

/** All that there is of the type, or could be. */
export function hasAll(rules: Rules, letter: string, type: string): boolean {
  return rules.some(
    (rule) =>
      rule.letters.includes(letter) &&
      (rule.type === '*' || rule.type === type) &&
      rule.patients === undefined &&
      rule.only === undefined &&
      rule.where.length === 0,
  )
}

/** Whatever it says and is labelled with: what was deleted before it ever said anything is of this kind only. */
export function seesAllOf(rules: Rules, letters: string, type: string): boolean {
  return rules.some(
    (rule) =>
      lettersIn(letters).some((letter) => rule.letters.includes(letter)) &&
      (rule.type === '*' || rule.type === type) &&
      (rule.patients === undefined || (shared.has(type) && !several.has(type))) &&
      rule.only === undefined &&
      rule.eyes.cleared === 'V' &&
      rule.eyes.isExempt &&
      rule.where.length === 0,
  )
}

/** Without what is about single patients: what exports are asked with. */
export function wide(rules: Rules): Rules {
  return rules.filter(({ patients, only }) => patients === undefined && only === undefined)
}

/** One of the letters is enough. */
export function may(rules: Rules, letters: string, resource: Resource): boolean {
  return rules.some((rule) =>
    lettersIn(letters).some((letter) => rule.letters.includes(letter) && fits(rule, letter, resource)),
  )
}

function fits(rule: Rule, letter: string, resource: Resource): boolean {
  const { type, patients, only, where } = rule
  const { resourceType, id } = resource
  if (isHidden(rule.eyes, resource)) return false
  if (type !== '*' && type !== resourceType) return false
  if (only !== undefined) return only === `${resourceType}/${id}`
  const isOfThem =
    patients === undefined || isOf(patients, resource) || ('rs'.includes(letter) && isShared(patients, resource))
  return isOfThem && where.every(([name, value]) => has(resource, name, value))
}

function has(resource: Resource, name: string, value: string): boolean {
  return found(new Map([[resource.resourceType, [resource]]]), resource.resourceType, name, value).length > 0
}

export function typeIn(name: string): string {
  return name.split('/')[0] ?? ''
}
