/**
 * The oracle of what is hidden although a rule allows it, from docs/access.md: by confidentiality labels and by Consents, and
 * not from who opened the record in an emergency. Of Consents as much as those of the matrix say (natives.ts).
 */
import { found, type Resource } from '../../../support/search-oracle/ask.ts'
import { parametersOf } from '../../../support/search-oracle/definitions.ts'
import { consents } from './natives.ts'
import { isOf, patientsIn } from './whose.ts'

export type Label = 'R' | 'V'

/** Who looks. */
export interface Eyes {
  /** the most confidential label that is cleared */
  readonly cleared?: Label
  /** not held to Consents */
  readonly isExempt: boolean
  /** `Practitioner/1` */
  readonly person?: string
  /** patients (ids) whose record they opened in an emergency */
  readonly opened: readonly string[]
}

interface Coding {
  readonly system?: string
  readonly code?: string
}

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

export function isHidden(eyes: Eyes, resource: Resource): boolean {
  return isConfidential(eyes, resource) || isDenied(eyes, resource)
}

/** Labelled with more than is cleared; what is restricted is open to the patient whose record it is. */
function isConfidential(eyes: Eyes, resource: Resource): boolean {
  const { cleared, opened } = eyes
  const codes = labelsOf(resource)
  if (codes.includes('V')) return cleared !== 'V' && !isOf(opened, resource)
  return codes.includes('R') && cleared === undefined && !isOf([...ownOf(eyes), ...opened], resource)
}

function labelsOf(resource: Resource): (string | undefined)[] {
  const { security = [] } = (resource['meta'] ?? {}) as { readonly security?: readonly Coding[] }
  const said = resource.resourceType === 'Composition' ? [{ code: resource['confidentiality'] as string }] : []
  const labels = (resource['securityLabel'] ?? []) as readonly { readonly coding?: readonly Coding[] }[]
  const of = resource.resourceType === 'DocumentReference' ? labels.flatMap(({ coding = [] }) => coding) : []
  const all: readonly Coding[] = [...security, ...said, ...of]
  return all.flatMap(({ system = CONFIDENTIALITY, code }) => (system === CONFIDENTIALITY ? [code] : []))
}

function isDenied(eyes: Eyes, resource: Resource): boolean {
  if (eyes.isExempt || isOf([...ownOf(eyes), ...eyes.opened], resource)) return false
  const now = new Date().toISOString()
  return consents.some(({ patient, provision: { period = {}, actor, class: classes, code } }) => {
    const { start = '', end = '9999' } = period
    if (now < start || now > end) return false
    if (!recordsOf(resource).includes(patient.reference)) return false
    if (actor && !actor.some(({ reference }) => reference.reference === eyes.person)) return false
    if (classes && !classes.some((each) => each.code === resource.resourceType)) return false
    return code === undefined || code.some(({ coding }) => coding.some((each) => isCoded(resource, each)))
  })
}

function ownOf({ person = '' }: Eyes): string[] {
  return person.startsWith('Patient/') ? [person.slice('Patient/'.length)] : []
}

function recordsOf(resource: Resource): string[] {
  const ids = resource.resourceType === 'Patient' ? [resource.id] : patientsIn(resource)
  return ids.map((id) => `Patient/${id}`)
}

/** In any element that is searched by code. */
function isCoded(resource: Resource, { system = '', code = '' }: Coding): boolean {
  const { resourceType } = resource
  const world = new Map([[resourceType, [resource]]])
  const tokens = parametersOf(resourceType).filter(({ type, expression }) => type === 'token' && expression)
  return tokens.some((each) => found(world, resourceType, each.code, `${system}|${code}`).length > 0)
}
