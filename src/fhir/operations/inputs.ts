/**
 * What an operation is called with: the query, a Parameters resource, or the one resource it is about
 * (R4 operations.html#request). Each value is of the type its definition says, or the call is refused with its name.
 */
import type { FhirRequest } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { JsonValue } from '../../r4/json.ts'
import { primitiveCheck } from '../../r4/primitive-values.ts'
import { structureProblems } from '../../r4/structure.ts'
import { GENERAL_PARAMETERS, handlingOf } from '../context.ts'
import { jsonBody } from '../resource-body.ts'
import type { Input } from './operation.ts'

/** Values by name, in order: a primitive, an object of the type, a resource, or the list of a parameter's parts. */
export type Inputs = ReadonlyMap<string, readonly JsonValue[]>

type Parameter = Readonly<Record<string, JsonValue>>
type Named = readonly [name: string, value: JsonValue]

/** Throws 400 with the name of what is not known, not right, missing or there too often. */
export function inputsOf(request: FhirRequest, code: string, known: readonly Input[]): Inputs {
  const asked = request.query.filter(([name]) => !GENERAL_PARAMETERS.has(name))
  const given = [
    ...asked.flatMap(([name, text]) => queryValue(request, known, name, text)),
    ...bodyValues(request, known),
  ]
  const values = Map.groupBy(given, ([name]) => name)
  for (const { name, required, repeats } of known) {
    const count = values.get(name)?.length ?? 0
    if (required && count === 0) throw refused(`$${code} needs the parameter "${name}".`)
    if (!repeats && count > 1) throw refused(`The parameter "${name}" may be given once only.`)
  }
  return new Map([...values].map(([name, pairs]) => [name, pairs.map(([, value]) => value)]))
}

/** Names that were given and are not known: what lenient handling leaves out. */
export function unknownInputs(request: FhirRequest, known: readonly Input[]): string[] {
  const { parameter } = bodyOf(request) ?? {}
  const sent = Array.isArray(parameter) ? (parameter as Parameter[]).map(({ name }) => name as string) : []
  const names = new Set([...request.query.map(([name]) => name), ...sent])
  return [...names].filter((name) => !GENERAL_PARAMETERS.has(name) && !known.some((input) => input.name === name))
}

/** The one value of a parameter whose type is made of text: string, code, uri, canonical, date, … */
export function textInput(inputs: Inputs, name: string): string | undefined {
  return inputs.get(name)?.[0] as string | undefined
}

/** The one value of a boolean parameter. */
export function flagInput(inputs: Inputs, name: string): boolean | undefined {
  return inputs.get(name)?.[0] as boolean | undefined
}

/** The one value of an integer, positiveInt or unsignedInt parameter. */
export function countInput(inputs: Inputs, name: string): number | undefined {
  return inputs.get(name)?.[0] as number | undefined
}

function queryValue(request: FhirRequest, known: readonly Input[], name: string, text: string): Named[] {
  const input = knownInput(request, known, name)
  if (!input) return []
  const { type } = input
  if (type === 'Identifier') return [[name, identifierOf(text)]]
  const check = primitiveCheck(type)
  if (!check) throw refused(`The parameter "${name}" is a ${type}: send it by POST, in Parameters.`)
  const value = primitiveOf(text, type)
  const problem = check(value)
  if (problem !== undefined) throw refused(`The parameter "${name}" ${problem}.`)
  return [[name, value]]
}

/** As in searches: `system|value`, or the value alone. */
function identifierOf(text: string): JsonValue {
  const end = text.indexOf('|')
  return end < 0 ? { value: text } : { ...(end > 0 && { system: text.slice(0, end) }), value: text.slice(end + 1) }
}

function primitiveOf(text: string, type: string): JsonValue {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  const isNumber = type === 'decimal' || type === 'integer' || type === 'positiveInt' || type === 'unsignedInt'
  return isNumber && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

/** Undefined: none was sent. What is JSON and no object has no elements either. */
function bodyOf(request: FhirRequest): Parameter | undefined {
  return request.method === 'POST' && request.body !== undefined ? ((jsonBody(request) ?? {}) as Parameter) : undefined
}

function bodyValues(request: FhirRequest, known: readonly Input[]): Named[] {
  const body = bodyOf(request)
  if (!body) return []
  const { resourceType } = body
  if (resourceType === 'Parameters') return parametersIn(request, body, known)
  const resources = known.filter(({ type }) => type === 'Resource')
  const [only] = resources
  if (typeof resourceType !== 'string' || !only || resources.length > 1) {
    throw refused('The body of this operation must be a Parameters resource.', 'resourceType')
  }
  return [[only.name, body]]
}

/** A resource in a parameter is the operation's business: it may be asked what is wrong with it. */
function parametersIn(request: FhirRequest, body: Parameter, known: readonly Input[]): Named[] {
  const list = Array.isArray(body['parameter']) ? (body['parameter'] as Parameter[]) : []
  const bare = list.map(withoutResource)
  const wrong = structureProblems(bare.length > 0 ? { ...body, parameter: bare } : body)
  const [first] = wrong
  if (first) {
    const { message, expression } = first
    throw new GatewayError('GW_INVALID_RESOURCE', message, { expression, issues: wrong })
  }
  return list.flatMap((parameter, index) => parameterValue(request, parameter, known, index))
}

function parameterValue(request: FhirRequest, parameter: Parameter, known: readonly Input[], index: number): Named[] {
  const name = parameter['name'] as string
  const input = knownInput(request, known, name)
  if (!input) return []
  const { type } = input
  const member = type === 'Resource' ? 'resource' : type === 'part' ? 'part' : `value${capital(type)}`
  const value = parameter[member] ?? (primitiveCheck(type) && looseValue(parameter, type))
  if (value === undefined) {
    throw refused(`The parameter "${name}" must have ${member}.`, `Parameters.parameter[${index}]`)
  }
  return [[name, value]]
}

/** Clients mix up string, code, uri and canonical; what fits the type is taken. */
function looseValue(parameter: Parameter, type: string): JsonValue | undefined {
  const [, value] = Object.entries(parameter).find(([name]) => name.startsWith('value')) ?? []
  return value !== undefined && primitiveCheck(type)?.(value) === undefined ? value : undefined
}

function knownInput(request: FhirRequest, known: readonly Input[], name: string): Input | undefined {
  const input = known.find((each) => each.name === name)
  if (input ?? handlingOf(request) === 'lenient') return input
  const names = [...known.map((each) => each.name), ...GENERAL_PARAMETERS].join(', ')
  throw new GatewayError('GW_UNKNOWN_PARAMETER', `The parameter "${name}" is not known here; known are ${names}.`)
}

function withoutResource(parameter: Parameter): Parameter {
  if (typeof parameter !== 'object' || parameter?.['resource'] === undefined) return parameter
  const { resource: _, ...rest } = parameter
  return { ...rest, valueString: 'a resource' }
}

function capital(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1)
}

function refused(sentence: string, expression?: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', sentence, expression === undefined ? {} : { expression })
}
