/**
 * A web server that holds files: of links that begin with its address. A redirect is not followed, for it may lead anywhere.
 */
import { Readable } from 'node:stream'
import type { Storage, StoredFile } from './storage.ts'
import { StorageError } from './storage.ts'

export interface OriginOptions {
  /** `https://files.clinic.example`, with a path where only what is below it is meant */
  readonly origin: string
  /** the header that it asks for */
  readonly authorization?: string
}

/** What a server says of what it does not have, or does not give away. */
const ABSENT = new Set([403, 404, 410])

export function originStorage({ origin, authorization }: OriginOptions): Storage {
  const start = origin.endsWith('/') ? origin : `${origin}/`
  return {
    locate(link) {
      if (!URL.canParse(link)) return undefined
      const url = new URL(link)
      url.hash = ''
      // As the URL reads when `..` is gone; a name before the host would be sent as a password
      return url.username === '' && url.password === '' && url.href.startsWith(start) ? url.href : undefined
    },
    async open(place, { range, milliseconds }) {
      const headers = {
        // Packed it would have another length, and other parts
        'Accept-Encoding': 'identity',
        ...(authorization !== undefined && { Authorization: authorization }),
        ...(range !== undefined && { Range: range }),
      }
      const response = await fetched(place, headers, milliseconds)
      const { status, body } = response
      const file = status === 200 || status === 206 ? storedFile(response) : undefined
      if (file) return file
      await body?.cancel()
      if (status === 416) return { size: sizeIn(response), part: 'unsatisfiable', content: Readable.from([]) }
      if (ABSENT.has(status) || (status >= 300 && status < 400)) return undefined
      throw new StorageError(`a storage of a source answered with status ${status}`)
    },
  }
}

/** The time is that until it begins to answer: files may be long. */
async function fetched(place: string, headers: Record<string, string>, milliseconds: number): Promise<Response> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), milliseconds)
  try {
    return await fetch(place, { headers, redirect: 'manual', signal: controller.signal })
  } catch (cause) {
    throw new StorageError('a storage of a source does not answer', { cause })
  } finally {
    clearTimeout(timer)
  }
}

/** Undefined where it is none, or a part that cannot be told. */
function storedFile(response: Response): StoredFile | undefined {
  const { headers, body, status } = response
  const isPacked = (headers.get('content-encoding') ?? 'identity') !== 'identity'
  const length = headers.get('content-length')
  const [, start, end] = /^bytes (\d+)-(\d+)\//.exec(headers.get('content-range') ?? '') ?? []
  const part = status === 206 && { start: Number(start), end: Number(end) + 1 }
  if (part && (Number.isNaN(part.start) || isPacked)) return undefined
  const type = headers.get('content-type')
  return {
    size: part ? sizeIn(response) : isPacked || length === null ? undefined : Number(length),
    ...(part && { part }),
    ...(type !== null && { type }),
    content: body ? Readable.fromWeb(body) : Readable.from([]),
  }
}

function sizeIn({ headers }: Response): number | undefined {
  const [, size] = /\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? []
  return size === undefined ? undefined : Number(size)
}
