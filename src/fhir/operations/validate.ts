/**
 * `$validate` (https://hl7.org/fhir/R4/resource-operation-validate.html): what is wrong with a resource, all of it, whatever
 * the tenant's policy does with writes. It answers 200 with an OperationOutcome also where the resource is refused.
 */
import type { Resource } from '@medplum/fhirtypes'
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON, outcomeText } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { parseJson } from '../../r4/json.ts'
import type { JsonValue } from '../../r4/json.ts'
import type { Finding } from '../../r4/validation/finding.ts'
import { claimedProfiles } from '../../r4/validation/validator.ts'
import type { FhirContext } from '../context.ts'
import { gone, notFound } from '../interactions/read.ts'
import { issueOf } from '../validation.ts'
import type { Inputs } from './inputs.ts'
import { textInput } from './inputs.ts'
import type { Call, Operation } from './operation.ts'

const MODES = ['create', 'update', 'delete', 'profile']

export const validate: Operation = {
  code: 'validate',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  levels: ['type', 'instance'],
  access: 'parts',
  inputs: [
    { name: 'resource', type: 'Resource' },
    { name: 'mode', type: 'code' },
    { name: 'profile', type: 'canonical', repeats: true },
  ],
  async handle(context, call): Promise<Answer> {
    const mode = modeOf(call)
    const found = mode === 'delete' ? await findingsOfDelete(context, call) : await findingsOf(context, call, mode)
    const issues = found.map((each) => ({ ...issueOf(each), location: [each.expression] }))
    const body = outcomeText(...(issues.length > 0 ? issues : [ALL_OK]))
    return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction: 'validate' }
  },
}

const ALL_OK = { severity: 'information', code: 'informational', diagnostics: 'All OK: nothing was found.' } as const

function modeOf({ id, inputs }: Call): string | undefined {
  const mode = textInput(inputs, 'mode')
  if (mode !== undefined && !MODES.includes(mode)) {
    throw new GatewayError('GW_BAD_REQUEST', `"mode" is one of ${MODES.join(', ')}.`)
  }
  if ((mode === 'delete' || mode === 'profile') && id === undefined) {
    throw new GatewayError('GW_BAD_REQUEST', `The mode ${mode} is asked of a resource: name its id in the address.`)
  }
  return mode
}

async function findingsOf(context: FhirContext, call: Call, mode: string | undefined): Promise<Finding[]> {
  const { type = '', id, inputs } = call
  const sent = inputs.get('resource')?.[0]
  if (sent === undefined && id === undefined) {
    throw new GatewayError('GW_BAD_REQUEST', 'Send the resource to validate, or name one by its id.')
  }
  const resource = sent ?? (await storedResource(context, type, id ?? ''))
  const other = typeOf(resource) === type ? [] : [otherType(type)]
  const structure = [...other, ...context.validator.structure(resource)]
  const rest = isReadable(resource) ? contentFindings(context, resource, inputs, structure) : []
  return [...structure, ...(sent === undefined ? [] : idFindings(resource, type, id, mode)), ...rest]
}

/** What rests on the structure is asked where that is right enough to be gone through. */
function contentFindings(
  { validator }: FhirContext,
  resource: Resource,
  inputs: Inputs,
  structure: readonly Finding[],
): Finding[] {
  const named = (inputs.get('profile') ?? []) as string[]
  const known = structure.every(({ code }) => code !== 'structure')
  const unknown = named.filter((url) => !claimedProfiles(resource).includes(url))
  const invariants = known ? validator.invariants(resource) : []
  // A profile that was asked for by name and is not there: nobody can say that the resource conforms
  const asked = unknown.length === 0 ? [] : validator.profiles(resource, unknown).map(mustBeThere)
  return [...invariants, ...validator.profiles(resource), ...asked]
}

function mustBeThere(finding: Finding): Finding {
  const isMissing = finding.code === 'not-found' && finding.expression.endsWith('.meta.profile')
  return isMissing ? { ...finding, severity: 'error' } : finding
}

function isReadable(resource: unknown): resource is Resource {
  return typeof resource === 'object' && resource !== null && typeOf(resource) !== undefined
}

function typeOf(resource: unknown): string | undefined {
  const type = (resource as { resourceType?: unknown } | null)?.resourceType
  return typeof type === 'string' ? type : undefined
}

function otherType(type: string): Finding {
  const message = `It is no ${type}, which the address names.`
  return { aspect: 'structure', severity: 'error', code: 'structure', message, expression: 'resourceType' }
}

/** An update names what it updates (R4 http.html#update). */
function idFindings(resource: JsonValue | Resource, type: string, id?: string, mode?: string): Finding[] {
  const own = (resource as { id?: unknown } | null)?.id
  const wanted = mode === 'update' || id !== undefined
  if (!wanted || (typeof own === 'string' && (id === undefined || own === id))) return []
  const message = id === undefined ? 'An update needs the id of the resource.' : 'The id is not the one in the address.'
  return [{ aspect: 'structure', severity: 'error', code: 'required', message, expression: `${type}.id` }]
}

async function storedResource(context: FhirContext, type: string, id: string): Promise<Resource> {
  const stored = await context.reader.read(context.permit, type, id)
  if (!stored) throw notFound(type)
  if (stored.deleted) throw gone(type)
  context.request.trail?.saw([stored])
  return parseJson(stored.body.toString()) as unknown as Resource
}

/** Could it be deleted? Nothing here stops a delete but a source whose mapping has none. */
async function findingsOfDelete(context: FhirContext, { type = '', id = '' }: Call): Promise<Finding[]> {
  const { meta } = await storedResource(context, type, id)
  if (meta?.source === undefined) return []
  const lenses = [...context.writeBack.plan.collections.values()].flatMap((each) => each.lenses)
  const own = lenses.filter((lens) => lens.type === type)
  if (own.length === 0 || own.some(({ writes }) => writes.deletion)) return []
  const message = 'A row of a source holds it, and its mapping allows no delete.'
  return [{ aspect: 'structure', severity: 'error', code: 'business-rule', message, expression: type }]
}
