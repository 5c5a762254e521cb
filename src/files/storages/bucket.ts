/** A bucket of an S3-compatible store: of `s3:` links, of its web addresses, and of paths, which are keys. */
import { Readable } from 'node:stream'
import { GetObjectCommand, S3ServiceException } from '@aws-sdk/client-s3'
import type { Bucket } from '../bucket.ts'
import { clientOf } from '../bucket.ts'
import type { Storage, StoredFile, Wanted } from './storage.ts'
import { isPath, StorageError } from './storage.ts'

export function bucketStorage(bucket: Bucket): Storage {
  const client = clientOf(bucket)
  const starts = addressesOf(bucket)
  return {
    locate(link) {
      const key = keyOf(link, starts)
      // Servers that take `..` for a step up would leave the bucket
      return key?.split('/').some((step) => step === '..' || step === '.') ? undefined : key
    },
    async open(Key, { range, milliseconds }: Wanted) {
      try {
        const request = new GetObjectCommand({ Bucket: bucket.name, Key, ...(range !== undefined && { Range: range }) })
        // That until it begins to answer: files may be long
        const found = await client.send(request, { requestTimeout: milliseconds })
        if (!(found.Body instanceof Readable)) return undefined
        return storedFile(found.Body, found)
      } catch (cause) {
        const status = cause instanceof S3ServiceException ? cause.$metadata.httpStatusCode : undefined
        if (status === 416) return { size: undefined, part: 'unsatisfiable', content: Readable.from([]) }
        // Who may not list a bucket is told 403 of a key that is not there
        if (status === 404 || status === 403 || status === 301 || status === 307) return undefined
        throw new StorageError('a bucket of a source does not answer', { cause })
      }
    },
  }
}

/** `s3://documents/`, `https://documents.s3.eu-central-1.amazonaws.com/`, … */
function addressesOf({ name, region, endpoint }: Bucket): string[] {
  if (endpoint !== undefined) return [`s3://${name}/`, `${endpoint.replace(/\/$/, '')}/${name}/`]
  const hosts = [`${name}.s3.${region}`, `${name}.s3`]
  const paths = [`s3.${region}`, 's3']
  return [
    `s3://${name}/`,
    ...hosts.map((host) => `https://${host}.amazonaws.com/`),
    ...paths.map((host) => `https://${host}.amazonaws.com/${name}/`),
  ]
}

/** A signature that a link once had is not needed: the gateway has keys of its own. */
function keyOf(link: string, starts: readonly string[]): string | undefined {
  if (isPath(link)) return link.replace(/^\/+/, '') || undefined
  const start = starts.find((each) => link.startsWith(each))
  if (start === undefined) return undefined
  const rest = link.slice(start.length)
  return (start.startsWith('s3:') ? rest : decoded(rest.replace(/[?#].*$/s, ''))) || undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

interface Found {
  readonly ContentLength?: number | undefined
  readonly ContentRange?: string | undefined
  readonly ContentType?: string | undefined
}

function storedFile(content: Readable, { ContentLength, ContentRange = '', ContentType }: Found): StoredFile {
  const [, start, end, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(ContentRange) ?? []
  const part = start === undefined ? undefined : { start: Number(start), end: Number(end) + 1 }
  return {
    size: part ? Number(size) : ContentLength,
    ...(part && { part }),
    ...(ContentType !== undefined && { type: ContentType }),
    content,
  }
}
