/**
 * `$diff`, ours (profiles/OperationDefinition-diff.json): what makes one version of a resource of another, as a FHIRPath
 * Patch, which applied to the first gives the second.
 */
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { fhirPathDiff } from '../../r4/fhirpath-diff.ts'
import type { JsonValue } from '../../r4/json.ts'
import { parseJson, stringifyJson } from '../../r4/json.ts'
import { parseReference } from '../../r4/references.ts'
import type { FhirContext } from '../context.ts'
import { gone, notFound } from '../interactions/read.ts'
import { textInput } from './inputs.ts'
import type { Call, Operation } from './operation.ts'

export const diff: Operation = {
  code: 'diff',
  definition: 'diff',
  levels: ['instance'],
  access: 'reads',
  inputs: [
    { name: 'fromVersion', type: 'id' },
    { name: 'toVersion', type: 'id' },
  ],
  async handle(context, { type = '', id = '', inputs }: Call): Promise<Answer> {
    const to = await versionAt(context, { type, id, version: textInput(inputs, 'toVersion') })
    const before = textInput(inputs, 'fromVersion') ?? String(to.version - 1)
    if (before === '0') throw new GatewayError('GW_BAD_REQUEST', 'This version is the first: there is none before it.')
    return answer(await versionAt(context, { type, id, version: before }), to)
  },
}

export const diffOfTwo: Operation = {
  code: 'diff',
  definition: 'diff',
  levels: ['system'],
  access: 'parts',
  inputs: [
    { name: 'from', type: 'uri', required: true },
    { name: 'to', type: 'uri', required: true },
  ],
  async handle(context, { inputs }: Call): Promise<Answer> {
    const [from, to] = [placeOf(context, inputs.get('from')?.[0]), placeOf(context, inputs.get('to')?.[0])]
    if (from.type !== to.type) throw new GatewayError('GW_BAD_REQUEST', 'Only resources of one type can be compared.')
    return answer(await versionAt(context, from), await versionAt(context, to))
  },
}

interface Place {
  readonly type: string
  readonly id: string
  /** none: the current one */
  readonly version: string | undefined
}

interface Version {
  readonly resource: JsonValue
  readonly version: number
}

function placeOf({ request }: FhirContext, value: JsonValue | undefined): Place {
  const text = value as string
  const parts = parseReference(text.startsWith(`${request.base}/`) ? text.slice(request.base.length + 1) : text)
  if (parts?.base === '') return { type: parts.type, id: parts.id, version: parts.version }
  throw new GatewayError('GW_BAD_REQUEST', 'Say what to compare as Type/id or Type/id/_history/version.')
}

async function versionAt({ request, reader, permit }: FhirContext, { type, id, version }: Place): Promise<Version> {
  if (version === undefined) {
    const stored = await reader.read(permit, type, id)
    if (!stored) throw notFound(type)
    if (stored.deleted) throw gone(type)
    request.trail?.saw([stored])
    return { resource: parseJson(stored.body.toString()), version: stored.v }
  }
  const stored = /^[1-9]\d{0,9}$/.test(version) ? await reader.version(permit, type, id, Number(version)) : undefined
  if (!stored) throw notFound(type)
  if (stored.method === 'DELETE') throw gone(type)
  request.trail?.saw([stored])
  return { resource: parseJson(stored.body), version: stored.v }
}

function answer(from: Version, to: Version): Answer {
  const parameter = fhirPathDiff(from.resource, to.resource)
  const body = stringifyJson({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) })
  return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction: 'diff' }
}
