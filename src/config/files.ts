/** Where files are kept: a folder, or a bucket of an S3-compatible store when one is named. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { StartError } from '../kernel/errors.ts'
import { address } from './values.ts'
import type { Values } from './values.ts'

export interface FilesConfig {
  /** folder of exports and of what imports were sent */
  readonly folder: string
  /** folder that `$import` may read; none: only what is sent with the request */
  readonly imports: string | undefined
  readonly bucket: BucketConfig | undefined
}

export interface BucketConfig {
  readonly name: string
  readonly region: string
  readonly endpoint: string | undefined
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
}

export function readFilesConfig(value: Values, dataDir: string): FilesConfig {
  const name = value('ISTHMUS_S3_BUCKET')
  const imports = value('ISTHMUS_IMPORTS')
  return {
    folder: resolve(value('ISTHMUS_EXPORTS') ?? join(dataDir, 'exports')),
    imports: imports === undefined ? undefined : resolve(imports),
    bucket: name === undefined ? undefined : bucketOf(name, value),
  }
}

function bucketOf(name: string, value: Values): BucketConfig {
  const file = value('ISTHMUS_S3_KEYS')
  return {
    name: bucketName('ISTHMUS_S3_BUCKET', name),
    region: value('ISTHMUS_S3_REGION') ?? '',
    endpoint: address('ISTHMUS_S3_ENDPOINT', value('ISTHMUS_S3_ENDPOINT'), ['http', 'https']),
    keys: file === undefined ? undefined : keysIn(file, 'ISTHMUS_S3_KEYS'),
  }
}

/** `variable`: where somebody who got it wrong has to look */
export function bucketName(variable: string, name: string): string {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return name
  throw new StartError(`${variable} names "${name}", which is no name of a bucket; use a-z, 0-9, - and dots.`)
}

export function keysIn(file: string, variable: string): { accessKeyId: string; secretAccessKey: string } {
  try {
    const { accessKeyId, secretAccessKey } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    if (typeof accessKeyId === 'string' && typeof secretAccessKey === 'string') return { accessKeyId, secretAccessKey }
  } catch {
    // no file, no JSON: the sentence is the same
  }
  throw new StartError(`${variable} names ${file}, which is no JSON file with accessKeyId and secretAccessKey.`)
}
