/** `_summary` and `_elements`: parts of resources, each tagged SUBSETTED so that nobody takes it for the whole. */
import type { FhirRequest } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { elementsOf } from '../../r4/elements.ts'
import { parseJson, stringifyJson } from '../../r4/json.ts'
import type { JsonValue } from '../../r4/json.ts'
import { summaryNames } from '../../r4/summary.ts'
import { singleParameter } from '../context.ts'

export type Summary = 'true' | 'text' | 'data' | 'count' | 'false'

export interface Subset {
  readonly summary: Summary
  /** of the matches; empty: all */
  readonly elements: readonly string[]
}

type JsonObject = { [key: string]: JsonValue }

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }
const summaries: readonly string[] = ['true', 'text', 'data', 'count', 'false'] satisfies Summary[]

export function subsetOf(request: FhirRequest, types: readonly string[]): Subset {
  const summary = singleParameter(request, '_summary') ?? 'false'
  if (!summaries.includes(summary)) {
    throw new GatewayError('GW_BAD_REQUEST', `"_summary" is one of ${summaries.join(', ')}.`)
  }
  const elements = singleParameter(request, '_elements')?.split(',') ?? []
  const unknown = elements.find((name) => types.every((type) => namesOf(type, name).length === 0))
  if (unknown !== undefined) {
    throw new GatewayError('GW_BAD_REQUEST', `${types.slice(0, 3).join(', ')} has no element "${unknown}".`)
  }
  if (elements.length > 0 && summary !== 'false') {
    throw new GatewayError('GW_BAD_REQUEST', '"_elements" and "_summary" exclude each other.')
  }
  return { summary: summary as Summary, elements }
}

/** The text of a resource as it is sent; the whole is not even read. */
export function subsetText(body: Buffer, { summary, elements }: Subset): string | Buffer {
  if (summary === 'false' && elements.length === 0) return body
  const resource = parseJson(body.toString()) as JsonObject
  const type = resource['resourceType'] as string
  const kept = summary === 'true' ? summarised(resource, type) : only(resource, keeps(type, summary, elements))
  const meta = (resource['meta'] ?? {}) as JsonObject
  const tag = [...((meta['tag'] ?? []) as JsonValue[]), SUBSETTED]
  return stringifyJson({ ...kept, meta: { ...meta, tag } })
}

/** What an element is called: a choice has a name for each type. */
function namesOf(type: string, name: string): string[] {
  const elements = [...(elementsOf(type)?.values() ?? [])]
  return elements.filter((each) => each.name === name || each.choice === name).map((each) => each.name)
}

function keeps(type: string, summary: Summary, elements: readonly string[]): (name: string) => boolean {
  if (summary === 'data') return (name) => name !== 'text'
  const required = [...(elementsOf(type)?.values() ?? [])].filter((each) => each.required).map(({ name }) => name)
  const asked = summary === 'text' ? ['text'] : elements.flatMap((name) => namesOf(type, name))
  const names = new Set([...required, ...asked, 'id', 'meta'])
  return (name) => names.has(name)
}

/** `_name` goes with `name`. */
function only(object: JsonObject, isKept: (name: string) => boolean): JsonObject {
  const kept = Object.entries(object).filter(([name]) => name === 'resourceType' || isKept(name.replace(/^_/, '')))
  return Object.fromEntries(kept)
}

function summarised(object: JsonObject, type: string): JsonObject {
  const names = summaryNames(type)
  const kept = only(object, (name) => names.has(name))
  const elements = elementsOf(type)
  const inner = (value: JsonValue, of: string): JsonValue => {
    if (Array.isArray(value)) return value.map((each) => inner(each, of))
    return value !== null && typeof value === 'object' ? summarised(value as JsonObject, of) : value
  }
  // Backbone elements, which are named by their path, have summaries of their own
  return Object.fromEntries(
    Object.entries(kept).map(([name, value]) => {
      const of = elements?.get(name)?.type ?? ''
      return [name, of.includes('.') ? inner(value, of) : value]
    }),
  )
}
