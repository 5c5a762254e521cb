/**
 * What is to be imported: the body itself, or files that a manifest names (the shape of the bulk import proposals, as JSON
 * or as Parameters). Files lie in the one folder that is configured for it: no address is ever fetched.
 */
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Files } from '../../files/files.ts'
import { isFileName } from '../../files/files.ts'
import { mediaType } from '../../http/media.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { isResourceType } from '../../r4/elements.ts'
import type { JsonValue } from '../../r4/json.ts'
import type { ImportInput } from '../../store/job-documents.ts'
import { bounded } from '../bounded.ts'
import type { FhirContext } from '../context.ts'
import { inputsOf, textInput } from '../operations/inputs.ts'
import type { Input } from '../operations/operation.ts'
import { jsonBody } from '../resource-body.ts'
import type { Bulk } from './bulk.ts'

const NDJSON = new Set(['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson', 'ndjson'])
const SENT = 'body'

const PARAMETERS: readonly Input[] = [
  { name: 'inputFormat', type: 'code' },
  { name: 'inputSource', type: 'uri' },
  { name: 'input', type: 'part', repeats: true },
]

interface Named {
  readonly type?: unknown
  readonly url?: unknown
}

export async function importInputs(context: FhirContext, bulk: Bulk, job: string): Promise<ImportInput[]> {
  const { request } = context
  const isSent = NDJSON.has(mediaType(request.header('content-type') ?? ''))
  if (isSent && request.content) return [await keep(context, bulk.files, job, request.content())]
  const named = namedIn(context)
  if (named.length === 0) throw refused('Nothing is named to import: send NDJSON, or "input" with type and url.')
  const inputs: ImportInput[] = []
  for (const each of named) inputs.push(await inputOf(bulk, context.permit.tenant, each))
  return inputs
}

/** What is sent is kept first: the import may take longer than the connection lasts. */
async function keep({ limits }: FhirContext, files: Files, job: string, content: Readable): Promise<ImportInput> {
  const stored = `${job}/sent.ndjson.gz`
  const sent = bounded(content, limits.importBytes, 'What is imported')
  await files.write(
    stored,
    pipeline(sent, createGzip({ level: 1 }), () => undefined),
  )
  return { name: SENT, stored, place: 'sent', isPacked: true }
}

function namedIn({ request }: FhirContext): Named[] {
  const body = jsonBody(request) as Readonly<Record<string, JsonValue>> | null
  if (body?.['resourceType'] === 'Parameters') {
    const inputs = inputsOf(request, 'import', PARAMETERS)
    assertFormat(textInput(inputs, 'inputFormat'))
    const parts = (inputs.get('input') ?? []) as unknown as readonly (readonly Readonly<Record<string, JsonValue>>[])[]
    return parts.map((list) =>
      Object.fromEntries(list.map((part) => [typeof part['name'] === 'string' ? part['name'] : '', valueOf(part)])),
    )
  }
  assertFormat(body?.['inputFormat'])
  const list = body?.['input']
  return Array.isArray(list) ? (list.filter((each) => typeof each === 'object' && each !== null) as Named[]) : []
}

function valueOf(part: Readonly<Record<string, JsonValue>>): JsonValue | undefined {
  return Object.entries(part).find(([name]) => name.startsWith('value'))?.[1]
}

function assertFormat(format: unknown): void {
  if (format === undefined || (typeof format === 'string' && NDJSON.has(format))) return
  throw refused('"inputFormat" is application/fhir+ndjson here.', 'inputFormat')
}

/** Each tenant has a folder of its own there: nobody imports what was laid down for others. */
async function inputOf({ imports }: Bulk, tenant: string, { type, url }: Named): Promise<ImportInput> {
  if (type !== undefined && !isType(type)) throw refused('"type" of an input is a resource type.', 'input')
  if (typeof url !== 'string') throw refused('Each input has a url.', 'input')
  if (!imports)
    throw refused('No folder of files is configured here (ISTHMUS_IMPORTS): send the NDJSON itself.', 'input')
  if (!isFileName(url)) {
    throw refused(
      '"url" is the name of a file in the folder of imports, such as 2026/Patient.ndjson; no address is fetched.',
    )
  }
  const stored = `${tenant}/${url}`
  const found = await imports.read(stored)
  if (!found) throw refused('"url" names a file that is not there.', 'input')
  found.destroy()
  const own = { name: url, stored, isPacked: url.endsWith('.gz') }
  return { ...own, place: 'folder', ...(type !== undefined && { type }) }
}

function isType(type: unknown): type is string {
  return typeof type === 'string' && isResourceType(type)
}

function refused(sentence: string, expression?: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', sentence, expression === undefined ? {} : { expression })
}
