/** capabilities: what this gateway does, whole or in part (https://hl7.org/fhir/R4/http.html#capabilities). */
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Plan } from '../../projection/plan.ts'
import { mappedTypes } from '../../projection/plan.ts'
import { capabilityStatement } from '../capability-statement.ts'
import { assertKnownParameters, singleParameter } from '../context.ts'
import type { FhirContext } from '../context.ts'
import { terminologyCapabilities } from '../terminology-capabilities.ts'

const PARAMETERS = new Set(['mode'])
const MODES = ['full', 'normative', 'terminology'] as const
type Mode = (typeof MODES)[number]

/** Elements of R4's CapabilityStatement that are for trial use, of those that are sent. */
const TRIAL_USE = new Set([
  ...['supportedProfile', 'versioning', 'readHistory', 'updateCreate', 'searchInclude', 'searchRevInclude'],
  ...['conditionalCreate', 'conditionalRead', 'conditionalUpdate', 'conditionalDelete'],
])

/** Made once for the mappings in force, base and mode. */
const texts = new WeakMap<Plan, Map<string, Buffer>>()

export async function capabilities(context: FhirContext): Promise<Answer> {
  const { request, writeBack } = context
  assertKnownParameters(request, PARAMETERS)
  const mode = (singleParameter(request, 'mode') ?? 'full') as Mode
  if (!MODES.includes(mode)) throw new GatewayError('GW_BAD_REQUEST', `"mode" is one of ${MODES.join(', ')}.`)
  const known = texts.get(writeBack.plan) ?? new Map<string, Buffer>()
  texts.set(writeBack.plan, known)
  const key = `${mode} ${request.base}`
  const body = known.get(key) ?? Buffer.from(textOf(context, mode))
  known.set(key, body)
  return Promise.resolve({ status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction: 'capabilities' })
}

function textOf(context: FhirContext, mode: Mode): string {
  const { request, permit, writeBack, profiles, limits, terminology, isAuthorized, subscriptions } = context
  const { base } = request
  if (mode === 'terminology') return JSON.stringify(terminologyCapabilities(base, terminology))
  const { plan } = writeBack
  const mapped = mappedTypes(plan, permit.tenant)
  const statement = capabilityStatement({
    base,
    canonicalBase: plan.base,
    profiles,
    limits,
    mapped,
    isAuthorized: isAuthorized ?? false,
    ...(subscriptions && { topics: subscriptions.topics.map(({ url }) => url) }),
  })
  return mode === 'full'
    ? JSON.stringify(statement)
    : JSON.stringify(statement, (name, value: unknown) => (TRIAL_USE.has(name) ? undefined : value))
}
