/** Binary in its own format: what is written and read as bytes (https://hl7.org/fhir/R4/binary.html#rest). */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Binary } from '@medplum/fhirtypes'
import { everythingOf } from '../../access/permit.ts'
import type { Permit } from '../../access/permit.ts'
import type { Answer, FhirRequest } from '../../http/answer.ts'
import { partOf } from '../../files/range.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { parseJson, stringifyJson } from '../../r4/json.ts'
import { parseReference } from '../../r4/references.ts'
import type { Store } from '../../store/collections.ts'
import { fileContent, fileSize } from '../../store/files.ts'
import { fileOf, withData, withFile } from '../binary/file.ts'
import type { BinaryWithFile } from '../binary/file.ts'
import { wantsNative } from '../binary/format.ts'
import { HARMLESS, tooLarge, unsatisfiable } from '../binary/headers.ts'
import { sourceFileAnswer } from '../binary/source-file.ts'
import { assertFileType, upload } from '../binary/uploads.ts'
import { assertKnownParameters } from '../context.ts'
import type { FhirContext } from '../context.ts'
import { assertResource } from '../resource-body.ts'
import { read, vread } from './read.ts'
import { withoutBase } from '../search/spellings.ts'
import { commitOne, conditionOf, versionOf, writtenAnswer } from '../write-context.ts'

/** POST, and PUT with an id, of bytes. The file comes first, the resource that names it after it. */
export async function writeFile(context: FhirContext, id?: string): Promise<Answer> {
  const { request, writeBack, limits } = context
  assertKnownParameters(request)
  const contentType = request.header('content-type')
  if (contentType === undefined || !request.content) {
    throw new GatewayError('GW_MEDIA_TYPE', 'Say in Content-Type what the bytes are.')
  }
  const match = versionOf(request.header('if-match'))
  const condition = request.header('if-none-exist')
  const reserved = id ?? randomUUID()
  const described = {
    resourceType: 'Binary' as const,
    ...(id !== undefined && { id }),
    contentType,
    ...securityOf(request),
  }
  assertResource(described, 'Binary', id)
  assertFileType(context, contentType)
  const name = await upload(context, reserved, request.content())
  const resource = withFile(described, name, writeBack.plan.base)
  // However long the bytes took: the write has a time of its own
  const later = { ...context, request: { ...request, deadline: new Deadline(limits.requestMilliseconds) } }
  const target = { type: 'Binary', resource }
  const unless = condition === undefined ? {} : { unless: conditionOf(later, 'Binary', condition) }
  const written = await commitOne(
    later,
    id === undefined
      ? { method: 'POST', ...target, reserved, ...unless }
      : { method: 'PUT', ...target, id, ...match, edit: () => resource },
    [name],
  )
  return writtenAnswer(later, written, id === undefined ? 'create' : 'update')
}

/** Whose data it is (R4 binary.html#security-context). */
function securityOf(request: FhirRequest): Pick<Binary, 'securityContext'> {
  const reference = request.header('x-security-context')
  if (reference === undefined) return {}
  if (parseReference(reference)) return { securityContext: { reference } }
  throw new GatewayError('GW_BAD_REQUEST', 'X-Security-Context is no reference such as Patient/1.')
}

/** A Binary of the gateway, or a file of a source. */
export async function readBinary(caller: FhirContext, id: string): Promise<Answer> {
  const context = await withOwned(caller, id)
  try {
    return await binaryAnswer(context, await read(context, 'Binary', id))
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'GW_NOT_FOUND') throw error
    const answer = await sourceFileAnswer(caller, id)
    // The same words for a file that never was, is elsewhere, or is not yours
    if (!answer) throw error
    return answer
  }
}

export async function vreadBinary(caller: FhirContext, id: string, version: string): Promise<Answer> {
  const context = await withOwned(caller, id, Number(version))
  return binaryAnswer(context, await vread(context, 'Binary', id, version))
}

/**
 * A Binary has no search keys: it is seen by who sees what its securityContext names, and then as by somebody who sees
 * all (R4 binary.html#security-context); a version where it names that too.
 */
async function withOwned(context: FhirContext, id: string, version?: number): Promise<FhirContext> {
  const { permit, reader } = context
  if (permit.rules === 'everything') return context
  const whole = everythingOf(permit.tenant)
  const stored = await reader.read(whole, 'Binary', id)
  const then = version === undefined ? stored : await reader.version(whole, 'Binary', id, version)
  const seen = await Promise.all([stored, then].map((each) => isContextSeen(context, id, each?.body.toString() ?? '')))
  return seen.every(Boolean) ? { ...context, permit: whole } : context
}

/** Where nothing is named, somebody is looked up all the same: what is hidden takes the time of what never was. */
async function isContextSeen({ request, reader }: FhirContext, id: string, body: string): Promise<boolean> {
  const { securityContext } = (body === '' ? {} : parseJson(body)) as Partial<Binary>
  const literal = parseReference(withoutBase(request.base, securityContext?.reference ?? ''))
  const isNamed = literal?.base === ''
  const [type, named] = isNamed ? [literal.type, literal.id] : ['Patient', id]
  const owner = await reader.read(request.caller.permit, type, named)
  return isNamed && owner !== undefined && !owner.deleted
}

/** What a read of a Binary answers: as it is asked for, its bytes or all of it in JSON. */
async function binaryAnswer(context: FhirContext, answer: Answer): Promise<Answer> {
  if (answer.status !== 200 || answer.body === undefined) return answer
  const { request, writeBack } = context
  const binary = parseJson(answer.body.toString()) as unknown as BinaryWithFile
  const file = fileOf(binary, writeBack.plan.base)
  if (wantsNative(request)) return nativeAnswer(context, answer, binary, file)
  return file === undefined ? answer : { ...answer, body: await inlined(context, binary, file) }
}

async function nativeAnswer(
  { request, writeBack: { store }, permit }: FhirContext,
  answer: Answer,
  binary: Binary,
  file: string | undefined,
): Promise<Answer> {
  const { contentType, data = '' } = binary
  if (contentType === undefined) return answer
  const inline = file === undefined ? Buffer.from(data, 'base64') : undefined
  const size = inline?.length ?? (await sizeOf(store, permit, binary, file as string))
  const headers = { ...answer.headers, 'Content-Type': contentType, 'Accept-Ranges': 'bytes', ...HARMLESS }
  const part = partOf(size, request.header('range'), request.header('if-range'), answer.headers?.['ETag'] ?? '')
  if (part === 'unsatisfiable') return unsatisfiable(size)
  const { start, end } = part ?? { start: 0, end: size }
  const stream = inline
    ? Readable.from([inline.subarray(start, end)])
    : fileContent(store, permit, file as string, { start, end })
  const ranged = part && { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }
  return {
    ...{ status: part ? 206 : 200, interaction: answer.interaction ?? 'read', stream },
    headers: { ...headers, ...ranged, 'Content-Length': String(end - start) },
  }
}

/** In JSON, where that is no longer than a request may be. */
async function inlined(
  { writeBack: { store }, permit, limits }: FhirContext,
  binary: BinaryWithFile,
  file: string,
): Promise<string> {
  const size = await sizeOf(store, permit, binary, file)
  if (size > limits.bodyBytes) throw tooLarge(size, binary.contentType)
  const content = await buffer(fileContent(store, permit, file))
  return stringifyJson(withData(binary, content.toString('base64')))
}

async function sizeOf(store: Store, permit: Permit, { id = '' }: Binary, file: string): Promise<number> {
  const size = await fileSize(store, permit, `Binary/${id}`, file)
  if (size === undefined) throw new GatewayError('GW_NOT_FOUND', 'The file of this Binary is not here.')
  return size
}
