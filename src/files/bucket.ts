/** Files in a bucket of an S3-compatible store. A store of that kind shows an object when it is there whole, and not before. */
import { Readable } from 'node:stream'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { Files } from './files.ts'
import { checkedName } from './files.ts'

export interface Bucket {
  readonly name: string
  readonly region: string
  /** other than Amazon's own */
  readonly endpoint?: string | undefined
  /** none: what the environment of the machine gives (instance role, AWS_… variables) */
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
}

export function clientOf({ region, endpoint, keys }: Bucket): S3Client {
  return new S3Client({ region, ...connection(endpoint), ...(keys && { credentials: keys }) })
}

export function bucketFiles(bucket: Bucket): Files {
  const { name: Bucket } = bucket
  const client = clientOf(bucket)
  return {
    async write(name, content) {
      await new Upload({ client, params: { Bucket, Key: checkedName(name), Body: content } }).done()
    },
    async read(name) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: checkedName(name) }))
        return Body instanceof Readable ? Body : undefined
      } catch (error) {
        if (isAbsent(error)) return undefined
        throw error
      }
    },
    async list(folder) {
      const names: string[] = []
      let ContinuationToken: string | undefined
      do {
        const wanted = { Bucket, Prefix: `${checkedName(folder)}/`, ...(ContinuationToken && { ContinuationToken }) }
        const found = await client.send(new ListObjectsV2Command(wanted))
        names.push(...(found.Contents ?? []).map(({ Key = '' }) => Key))
        ContinuationToken = found.NextContinuationToken
      } while (ContinuationToken !== undefined)
      return names
    },
    async remove(name) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: checkedName(name) }))
    },
    // Never shown; a rule of the bucket removes it (docs/bulk-data.md), since not every such store can list it
    removeUnfinished: () => Promise.resolve(),
  }
}

/** Stores other than Amazon's have their buckets in the path, and not all know Amazon's newer checksums. */
function connection(endpoint: string | undefined): S3ClientConfig {
  if (endpoint === undefined) return {}
  const checksums = {
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  } as const
  return { endpoint, forcePathStyle: true, ...checksums }
}

function isAbsent(error: unknown): boolean {
  return error instanceof NoSuchKey || (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404)
}
