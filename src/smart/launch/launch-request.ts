/** What a record system says when it prepares a launch, checked as SMART App Launch 2.2 §Launch context asks. */
import { GatewayError } from '../../kernel/errors.ts'
import { isResourceType } from '../../r4/elements.ts'

export interface LaunchRequest {
  /** client_id of the app */
  readonly client: string
  /** account that launches; of a user's token it is theirs */
  readonly user?: string
  readonly patient?: string
  readonly encounter?: string
  readonly intent?: string
  readonly needPatientBanner?: boolean
  readonly fhirContext?: readonly Readonly<Record<string, unknown>>[]
}

const TEXTS = ['client', 'user', 'patient', 'encounter', 'intent'] as const
const NAMES: readonly string[] = [...TEXTS, 'needPatientBanner', 'fhirContext']
const LONGEST = 256
const MOST = 50
const REFERENCE = /^([A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}$/

/** Throws a sentence that names what is wrong. */
export function readLaunchRequest(body: string): LaunchRequest {
  const sent = parsed(body)
  const unknown = Object.keys(sent).find((name) => !NAMES.includes(name))
  if (unknown !== undefined) throw refusal(`There is no ${unknown.slice(0, 40)}: write ${NAMES.join(', ')}.`)
  const wrong = TEXTS.find((name) => sent[name] !== undefined && !isText(sent[name]))
  if (wrong !== undefined) throw refusal(`${wrong} is a text of at most ${LONGEST} characters.`)
  if (sent['client'] === undefined) throw refusal('client is needed: the client_id of the app that is launched.')
  if (!['undefined', 'boolean'].includes(typeof sent['needPatientBanner'])) {
    throw refusal('needPatientBanner is true or false.')
  }
  if (sent['fhirContext'] !== undefined) assertFhirContext(sent['fhirContext'])
  return sent as unknown as LaunchRequest
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw refusal('A launch is a JSON object.')
  }
  if (isObject(value)) return value
  throw refusal('A launch is a JSON object.')
}

function assertFhirContext(items: unknown): void {
  if (!Array.isArray(items) || items.length > MOST) throw refusal(`fhirContext is a list of at most ${MOST}.`)
  for (const item of items as unknown[]) {
    const fault = isObject(item) ? faultOf(item) : 'is a list of objects.'
    if (fault !== undefined) throw refusal(`fhirContext ${fault}`)
  }
}

function faultOf(item: Readonly<Record<string, unknown>>): string | undefined {
  if (!NAMING.some((name) => item[name] !== undefined))
    return 'needs a reference, a canonical or an identifier in each.'
  const wrong = Object.entries(checks).find(([name, check]) => item[name] !== undefined && !check.fits(item[name]))
  if (wrong) return wrong[1].fault
  const { reference, role = 'launch' } = item
  return role === 'launch' && /^(Patient|Encounter)\//.test(String(reference)) ? OWN_PARAMETERS : undefined
}

const NAMING = ['reference', 'canonical', 'identifier']
const OWN_PARAMETERS = 'takes a Patient or an Encounter with another role than launch only.'

/** What each element must be (SMART App Launch 2.2 §fhirContext). */
const checks: Readonly<Record<string, { readonly fault: string; fits(value: unknown): boolean }>> = {
  role: { fault: 'has a role that is no absolute URI.', fits: (role) => role === 'launch' || isUri(role) },
  type: { fault: 'has a type that is no resource type.', fits: (type) => isText(type) && isResourceType(type) },
  canonical: { fault: 'has a canonical that is no URL.', fits: isUri },
  identifier: { fault: 'has an identifier that is no Identifier.', fits: isObject },
  reference: { fault: 'has a reference that is not relative, such as ImagingStudy/123.', fits: isReference },
}

function isReference(value: unknown): boolean {
  return isText(value) && isResourceType(REFERENCE.exec(value)?.[1] ?? '')
}

function isUri(value: unknown): boolean {
  return isText(value) && URL.canParse(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refusal(sentence: string): GatewayError {
  return new GatewayError('GW_UNPROCESSABLE', sentence)
}
