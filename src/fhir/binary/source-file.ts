/**
 * A file of a source, as `Binary/<id of the resource that names it>`: fetched from the storages that the source's
 * configuration lists, and from nowhere else (entities G12).
 */
import { buffer } from 'node:stream/consumers'
import type { Binary } from '@medplum/fhirtypes'
import type { StoredFile } from '../../files/storages/storage.ts'
import { StorageError } from '../../files/storages/storage.ts'
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { SourceLink } from '../../projection/source-links.ts'
import { sourceLink } from '../../projection/source-links.ts'
import { stringifyJson } from '../../r4/json.ts'
import type { FhirContext } from '../context.ts'
import { wantsNative } from './format.ts'
import { HARMLESS, tooLarge, unsatisfiable } from './headers.ts'

/** Undefined: no file of a source that the caller may see has this id, or it is in none of the storages. */
export async function sourceFileAnswer(context: FhirContext, id: string): Promise<Answer | undefined> {
  const named = await naming(context, id)
  if (!named) return undefined
  const file = await openLink(context, named)
  if (!file) return undefined
  const contentType = named.contentType ?? file.type ?? 'application/octet-stream'
  if (wantsNative(context.request)) return nativeAnswer(file, contentType)
  const { reference } = named
  const binary: Binary = { resourceType: 'Binary', id, contentType, securityContext: { reference } }
  const content = await contentOf(file, contentType, context.limits.bodyBytes)
  const body = stringifyJson({ ...binary, data: content.toString('base64') })
  return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction: 'read' }
}

interface Named extends SourceLink {
  /** what names the file: who may see that may see the file */
  readonly reference: string
}

async function naming({ request, writeBack, permit, reader }: FhirContext, id: string): Promise<Named | undefined> {
  for (const reference of owners(writeBack.plan.collections, id)) {
    const [type = '', owner = ''] = reference.split('/')
    const stored = await reader.read(permit, type, owner)
    if (!stored || stored.deleted) continue
    const link = await sourceLink(writeBack, permit, reference, id)
    if (!link) continue
    request.trail?.saw([stored])
    return { ...link, reference }
  }
  return undefined
}

/** Resources that could name it: those of mappings with files, whose id is that of the Binary, with a word behind it. */
function owners(collections: FhirContext['writeBack']['plan']['collections'], id: string): Set<string> {
  const lenses = [...collections.values()].flatMap((each) => each.lenses)
  return new Set(
    lenses.flatMap(({ type, fileSlots }) =>
      fileSlots
        .filter((slot) => id.endsWith(slot) && id.length > slot.length)
        .map((slot) => `${type}/${id.slice(0, id.length - slot.length)}`),
    ),
  )
}

async function openLink({ request, storages }: FhirContext, { link, instance }: SourceLink) {
  const range = request.header('if-range') === undefined ? oneRange(request.header('range')) : undefined
  try {
    for (const storage of storages?.get(instance) ?? []) {
      const place = storage.locate(link)
      if (place === undefined) continue
      return await storage.open(place, {
        milliseconds: request.deadline.left,
        ...(range !== undefined && wantsNative(request) && { range }),
      })
    }
  } catch (cause) {
    if (!(cause instanceof StorageError)) throw cause
    throw new GatewayError(
      'GW_UNAVAILABLE',
      'The storage of this file does not answer as it should; try again later.',
      {
        cause,
      },
    )
  }
  return undefined
}

/** Several parts at once are answered with all of it, as for files of the gateway. */
function oneRange(range: string | undefined): string | undefined {
  return range !== undefined && /^bytes=(\d+-\d*|-\d+)$/.test(range.trim()) ? range.trim() : undefined
}

function nativeAnswer({ size, part, content }: StoredFile, contentType: string): Answer {
  if (part === 'unsatisfiable') return unsatisfiable(size)
  const length = part ? part.end - part.start : size
  const range = part && `bytes ${part.start}-${part.end - 1}/${size ?? '*'}`
  return {
    ...{ status: part ? 206 : 200, interaction: 'read', stream: content },
    headers: {
      'Content-Type': contentType,
      'Accept-Ranges': 'bytes',
      ...HARMLESS,
      ...(range !== undefined && { 'Content-Range': range }),
      ...(length !== undefined && { 'Content-Length': String(length) }),
    },
  }
}

/** All of it, where that is no longer than a request may be. */
async function contentOf({ size, content }: StoredFile, contentType: string, most: number): Promise<Buffer> {
  if (size !== undefined && size > most) {
    content.destroy()
    throw tooLarge(size, contentType)
  }
  let bytes = 0
  content.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > most) content.destroy(tooLarge(bytes, contentType))
  })
  return buffer(content)
}
