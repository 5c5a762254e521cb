/** `$graphql` of the server and of a resource (https://hl7.org/fhir/R4/resource-operation-graphql.html). */
import type { Answer, FhirRequest } from '../../http/answer.ts'
import { isJsonType, mediaType } from '../../http/media.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { parseIncoming } from '../../r4/json.ts'
import type { FhirContext } from '../context.ts'
import { GENERAL_PARAMETERS } from '../context.ts'
import type { GraphqlQuery } from '../graphql/run.ts'
import type { Call, Operation } from './operation.ts'

export const graphql: Operation = {
  code: 'graphql',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-graphql',
  levels: ['system', 'instance'],
  access: 'parts',
  heavy: true,
  inputs: 'its own',
  async handle(context: FhirContext, { type, id }: Call): Promise<Answer> {
    const asked = await queryOf(context.request, context.limits.bodyBytes)
    // A twentieth of a gateway's start, for what few ask
    const [{ answerOf, runGraphql }, { ofInstance, unwrapped }] = await Promise.all([
      import('../graphql/run.ts'),
      import('../graphql/instance.ts'),
    ])
    const result =
      type === undefined || id === undefined
        ? await runGraphql(context, asked)
        : unwrapped(await runGraphql(context, asked, ofInstance(type, id)), type)
    const { text, defects } = answerOf(result)
    const headers = { 'Content-Type': 'application/json; charset=utf-8' }
    return { status: 200, headers, body: text, interaction: 'graphql', defects }
  },
}

/** `?query=`, a POST of application/graphql, or of JSON with query, operationName and variables. */
async function queryOf(request: FhirRequest, limit: number): Promise<GraphqlQuery> {
  const named = new Map(request.query.filter(([name]) => !GENERAL_PARAMETERS.has(name)))
  const asked = { ...Object.fromEntries(named), ...(await bodyOf(request, limit)) } as Record<string, unknown>
  const { query, operationName, variables, ...unknown } = asked
  const [other] = Object.keys(unknown)
  if (other !== undefined)
    throw refused(`The parameter "${other}" is not known here; known are query, operationName, variables.`)
  if (typeof query !== 'string') throw refused('$graphql needs a query.')
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    throw refused('"operationName" must be a text.')
  const values = typeof variables === 'string' ? parseIncoming(variables) : (variables ?? undefined)
  if (values !== undefined && (typeof values !== 'object' || Array.isArray(values)))
    throw refused('"variables" must be an object.')
  return {
    query,
    ...(typeof operationName === 'string' && { operationName }),
    ...(values && { variables: values as Readonly<Record<string, unknown>> }),
  }
}

async function bodyOf(request: FhirRequest, limit: number): Promise<object> {
  const type = request.header('content-type') ?? ''
  if (request.body !== undefined && isJsonType(type)) {
    const body = parseIncoming(request.body)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
    throw refused('The body must be a JSON object with a query.')
  }
  if (!request.content) return {}
  if (mediaType(type) !== 'application/graphql') {
    throw new GatewayError('GW_MEDIA_TYPE', 'A query is sent as application/graphql or application/json.')
  }
  return { query: await textOf(request.content(), limit) }
}

async function textOf(content: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of content) {
    size += chunk.length
    if (size > limit)
      throw new GatewayError('GW_TOO_LARGE', `The body of this request may have at most ${limit} bytes here.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refused(sentence: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', sentence)
}
