/** The storages of a source, as ISTHMUS_SOURCES lists them: only there the gateway fetches files that its rows name. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { StartError } from '../kernel/errors.ts'
import type { BucketConfig } from './files.ts'
import { bucketName, keysIn } from './files.ts'
import { address } from './values.ts'

export type StorageConfig =
  | { readonly kind: 'origin'; readonly origin: string; readonly authorization?: string }
  | { readonly kind: 'folder'; readonly folder: string; readonly prefix?: string }
  | ({ readonly kind: 'bucket' } & BucketConfig)

type Written = Readonly<Record<string, string>>

const NAME = 'ISTHMUS_SOURCES'
/** Stores other than Amazon's rarely care (ISTHMUS_S3_REGION says the same by itself). */
const REGION = 'us-east-1'

const KEYS = {
  origin: ['authorization'],
  folder: ['prefix'],
  bucket: ['region', 'endpoint', 'keys'],
} as const

export function readStorages(written: unknown): StorageConfig[] {
  if (written === undefined) return []
  if (!Array.isArray(written) || !written.every(isTexts)) {
    throw new StartError(`${NAME}: storages must be a list of {origin}, {folder} or {bucket}.`)
  }
  return written.map(readStorage)
}

function isTexts(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string')
}

function readStorage(written: Written): StorageConfig {
  const kinds = (['origin', 'folder', 'bucket'] as const).filter((kind) => written[kind] !== undefined)
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1) {
    throw new StartError(`${NAME}: each of the storages has one of origin, folder and bucket.`)
  }
  const known: readonly string[] = [kind, ...KEYS[kind]]
  const unknown = Object.keys(written).find((key) => !known.includes(key))
  if (unknown !== undefined) {
    throw new StartError(`${NAME}: a storage with ${kind} has the key "${unknown}"; there are ${known.join(', ')}.`)
  }
  return readers[kind](written)
}

const readers = {
  origin({ origin = '', authorization }: Written): StorageConfig {
    const url = address(NAME, origin, ['https', 'http']) ?? ''
    if (!URL.canParse(url) || url.includes('?') || url.includes('#')) {
      throw new StartError(`${NAME}: the origin "${origin}" is an address that links begin with, without ? and #.`)
    }
    return {
      kind: 'origin',
      origin: new URL(url).href,
      ...(authorization !== undefined && { authorization: secretIn(authorization) }),
    }
  },
  folder: ({ folder = '', prefix }: Written): StorageConfig => ({
    kind: 'folder',
    folder: resolve(folder),
    ...(prefix !== undefined && { prefix }),
  }),
  bucket: ({ bucket = '', region, endpoint, keys }: Written): StorageConfig => ({
    kind: 'bucket',
    name: bucketName(NAME, bucket),
    region: region ?? REGION,
    endpoint: address(NAME, endpoint, ['http', 'https']),
    keys: keys === undefined ? undefined : keysIn(keys, NAME),
  }),
}

/** In a file, so that it stands in no list of variables. */
function secretIn(file: string): string {
  try {
    const text = readFileSync(file, 'utf8').trim()
    if (text !== '' && !/[\r\n]/.test(text)) return text
  } catch {
    // no file: the sentence is the same
  }
  throw new StartError(`${NAME} names ${file} as authorization, which is no file with one line, such as "Bearer …".`)
}
