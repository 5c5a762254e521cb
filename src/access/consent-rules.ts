/**
 * What a Consent says of who may see what (https://hl7.org/fhir/R4/consent.html), as far as it is understood here. What is
 * not understood of a denial widens it, and of a permission takes it away: nothing of an active denial is passed over.
 */
import type { Consent, ConsentProvision, Reference } from '@medplum/fhirtypes'
import { isResourceType } from '../r4/elements.ts'
import { parseReference } from '../r4/references.ts'
import type { Code, Denial } from './denial.ts'

/** Of one patient. */
export interface ConsentRule {
  /** `Consent/1` */
  readonly consent: string
  /** id */
  readonly patient: string
  readonly rule: Rule
}

export interface Rule {
  readonly type: 'deny' | 'permit'
  /** milliseconds since 1970 */
  readonly from?: number
  readonly until?: number
  /** any of them; none: everybody */
  readonly actors?: readonly Actor[]
  readonly of: Pick<Denial, 'types' | 'codes' | 'labels' | 'names' | 'about'>
  /** something of it is not understood */
  readonly isPartly: boolean
  readonly rules: readonly Rule[]
}

/** `reference`: `Practitioner/1`; `client`: an app's id; neither: somebody, who is not known here. */
export interface Actor {
  readonly reference?: string
  readonly client?: string
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
  // Days are those of any place: a denial begins early and ends late by that, a permission does not
  const isWide = type === 'deny' || isRoot
  const times = { from: timeOf(period?.start, 'start', isWide), until: timeOf(period?.end, 'end', isWide) }
  const known = Object.entries(times).filter(([, time]) => time !== undefined && !Number.isNaN(time))
  const isTimeless = Object.values(times).some((time) => Number.isNaN(time ?? 0))
  const parts = [...partsOf(provision)]
  return {
    ...{ type, ...(Object.fromEntries(known) as Pick<Rule, 'from' | 'until'>) },
    ...(actor && { actors: actor.map(({ reference }) => actorIn(reference)) }),
    of: Object.assign({}, ...parts.filter((part) => part !== 'unknown')) as Rule['of'],
    isPartly: parts.includes('unknown') || isTimeless || Boolean(purpose ?? dataPeriod) || isLimited(action),
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

const HOUR = 3_600_000
/** How far the days of places on earth are apart from UTC's. */
const EARLIEST = -14 * HOUR
const LATEST = 12 * HOUR

/** NaN where that is no time. */
function timeOf(text: string | undefined, side: 'start' | 'end', isWide: boolean): number | undefined {
  if (text === undefined) return undefined
  if (text.includes('T')) return Date.parse(text)
  const [year = NaN, month, day] = text.split('-').map(Number)
  if (side === 'start') return Date.UTC(year, (month ?? 1) - 1, day ?? 1) + (isWide ? EARLIEST : LATEST)
  const end = month === undefined ? [year + 1, 0, 1] : day === undefined ? [year, month, 1] : [year, month - 1, day + 1]
  return Date.UTC(...(end as [number, number, number])) + (isWide ? LATEST : EARLIEST)
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

/** Of what is done with records, reading is access, use and disclosure. */
function isLimited(actions: ConsentProvision['action']): boolean {
  const codes = (actions ?? []).flatMap(({ coding = [] }) => coding.map(({ code }) => code))
  return actions !== undefined && !(codes.includes('access') || codes.includes('use'))
}

function actorIn(reference: Reference | undefined): Actor {
  const name = localName(reference)
  if (name?.startsWith('Device/')) return { client: name.slice('Device/'.length) }
  const client = reference?.identifier?.value
  if (name === undefined) return client === undefined ? {} : { client }
  return { reference: name }
}

function localName({ reference = '' }: Reference = {}): string | undefined {
  const literal = parseReference(reference)
  return literal?.base === '' ? `${literal.type}/${literal.id}` : undefined
}
