/**
 * What a Consent says of who may see what (https://hl7.org/fhir/R4/consent.html), as far as it is understood here. What is
 * not understood of a denial widens it, and of a permission takes it away: nothing of an active denial is passed over.
 */
import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import { isResourceType } from '../r4/elements.ts'
import { parseReference } from '../r4/references.ts'
import { actorIn, localName } from './actors.ts'
import type { Actor } from './actors.ts'
import type { Code, Denial } from './denial.ts'
import { isPurpose } from './purpose.ts'
import { spanOf } from './span.ts'
import type { Span } from './span.ts'

/** Of one patient. */
export interface ConsentRule {
  /** `Consent/1` */
  readonly consent: string
  /** id */
  readonly patient: string
  readonly rule: Rule
}

/** Counts within its span. */
export interface Rule extends Span {
  readonly type: 'deny' | 'permit'
  /** any of them; none: everybody */
  readonly actors?: readonly Actor[]
  /** any of these of v3-ActReason; none: any */
  readonly purposes?: readonly string[]
  readonly of: Pick<Denial, 'types' | 'codes' | 'labels' | 'names' | 'about' | 'dates'>
  /** something of it is not understood */
  readonly isPartly: boolean
  readonly rules: readonly Rule[]
}

/** Of living and of being treated: they say nothing of who sees the record. */
const OTHER_SCOPES = new Set(['adr', 'treatment'])
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types'
/** Base rules in a word (http://terminology.hl7.org/CodeSystem/v3-ActCode). */
const DENYING = new Set(['OPTOUT', 'OPTOUTE', 'EMRGONLY'])

/** Undefined: it denies nothing, or is nobody's. */
export function consentRule(consent: Consent): ConsentRule | undefined {
  const { id = '', status, patient } = consent
  const whose = parseReference(patient?.reference ?? '')
  if (status !== 'active' || whose?.base !== '' || whose.type !== 'Patient' || isOfOtherScope(consent)) return undefined
  const rule = safely(() => ruleIn(consent.provision ?? {}, baseOf(consent), true))
  return denies(rule) ? { consent: `Consent/${id}`, patient: whose.id, rule } : undefined
}

/** What is not even made as R4 says denies everything. */
function safely(read: () => Rule): Rule {
  try {
    return read()
  } catch {
    return { type: 'deny', of: {}, isPartly: true, rules: [] }
  }
}

function isOfOtherScope({ scope }: Consent): boolean {
  const codes = (scope?.coding ?? []).map(({ code }) => code)
  return codes.length > 0 && codes.every((code) => code !== undefined && OTHER_SCOPES.has(code))
}

/** R4 leaves the type of the root to the policy; many say it there all the same. */
function baseOf({ provision, policyRule }: Consent): Rule['type'] {
  if (provision?.type) return provision.type
  return (policyRule?.coding ?? []).some(({ code }) => code !== undefined && DENYING.has(code)) ? 'deny' : 'permit'
}

function denies({ type, rules }: Rule): boolean {
  return type === 'deny' || rules.some(denies)
}

/** An exception without a type is taken for a denial. */
function ruleIn(provision: ConsentProvision, type: Rule['type'], isRoot = false): Rule {
  const { period, actor, purpose, action, dataPeriod } = provision
  const { span, isKnown } = spanOf(period, type === 'deny' || isRoot)
  // One that is not known may be any
  const isPurposeKnown = (purpose ?? []).every(isPurpose)
  const purposes = isPurposeKnown ? (purpose ?? []).flatMap(({ code }) => code ?? []) : []
  const parts = [...partsOf(provision), ...(dataPeriod ? [datesIn(dataPeriod, type)] : [])]
  return {
    ...{ type, ...span },
    ...(actor && { actors: actor.map(({ reference }) => actorIn(reference)) }),
    ...(purposes.length > 0 && { purposes }),
    of: Object.assign({}, ...parts.filter((part) => part !== 'unknown')) as Rule['of'],
    isPartly: parts.includes('unknown') || !isKnown || !isPurposeKnown || isLimited(action),
    rules: (provision.provision ?? []).map((each) => ruleIn(each, each.type ?? 'deny')),
  }
}

/** What it is about, each part of which must hold. */
function* partsOf({ class: classes, code, data, securityLabel }: ConsentProvision): Iterable<Understood<Rule['of']>> {
  if (classes) yield as(typesIn(classes), (types) => ({ types }))
  if (securityLabel) yield as(codesIn(securityLabel), (labels) => ({ labels }))
  if (data) yield dataIn(data)
  const codes = code?.map(({ coding = [] }) => codesIn(coding))
  if (codes?.includes('unknown')) yield 'unknown'
  else if (codes) yield { codes: (codes as Code[][]).flat() }
}

function as<T extends object>(understood: Understood<T>, part: (value: T) => Rule['of']): Understood<Rule['of']> {
  return typeof understood === 'string' ? understood : part(understood)
}

type Understood<T> = T | 'unknown'

function typesIn(classes: NonNullable<ConsentProvision['class']>): Understood<string[]> {
  const types = classes.map(({ system, code = '' }) => (system === RESOURCE_TYPES && isResourceType(code) ? code : ''))
  return types.includes('') ? 'unknown' : types
}

function codesIn(codings: readonly { readonly system?: string; readonly code?: string }[]): Understood<Code[]> {
  const codes = codings.filter(({ system, code }) => system !== undefined || code !== undefined)
  if (codes.length === 0) return 'unknown'
  return codes.map(({ system, code }) => ({
    ...(system !== undefined && { system }),
    ...(code !== undefined && { code }),
  }))
}

/** `authoredby` means more than what is said of references. */
function dataIn(data: NonNullable<ConsentProvision['data']>): Understood<Pick<Denial, 'names' | 'about'>> {
  const names = data.map(({ reference }) => localName(reference) ?? '')
  if (names.includes('') || data.some(({ meaning }) => meaning === 'authoredby')) return 'unknown'
  return data.every(({ meaning }) => meaning === 'instance') ? { names } : { about: names }
}

/** What may be of that time is denied, what certainly is, permitted. */
function datesIn(period: NonNullable<ConsentProvision['dataPeriod']>, type: Rule['type']): Understood<Rule['of']> {
  const { span, isKnown } = spanOf(period, type === 'deny')
  return isKnown ? { dates: { ...span, isCertain: type === 'permit' } } : 'unknown'
}

/** Of what is done with records, reading is access, use and disclosure. */
function isLimited(actions: ConsentProvision['action']): boolean {
  const codes = (actions ?? []).flatMap(({ coding = [] }) => coding.map(({ code }) => code))
  return actions !== undefined && !(codes.includes('access') || codes.includes('use'))
}
