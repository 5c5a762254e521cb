/** Resources and versions as they are stored, and as they are read: what is sealed in their texts is opened at the store's edge. */
import type { Seals } from '../seal/seals.ts'
import { kidOf } from '../seal/seals.ts'
import { openBytes, openText, sealText } from '../seal/sealed-text.ts'
import type { Store } from './collections.ts'
import type { ResourceDocument, VersionDocument } from './documents.ts'
import type { ResourceWrite } from './projected.ts'
import type { Stored } from './raw.ts'

type Sealing = Pick<Store, 'seals'>

/** For who passed the Permit. */
export function opened<T extends { readonly _id: string; readonly body?: string }>({ seals }: Sealing, document: T): T {
  const { _id, body } = document
  if (body === undefined) return document
  const text = openText(seals, _id, body)
  return text === body ? document : { ...document, body: text }
}

export function openedBytes<T extends Stored>({ seals }: Sealing, document: T): T {
  const bytes = openBytes(seals, document._id, document.body)
  return bytes === document.body ? document : { ...document, body: bytes, wasSealed: true }
}

/** Of a version: what it holds is bound to the resource. */
export function openedVersion<T extends Pick<VersionDocument, '_id' | 'body'>>({ seals }: Sealing, version: T): T {
  const body = openText(seals, resourceOf(version), version.body)
  return body === version.body ? version : { ...version, body }
}

export function resourceOf({ _id }: Pick<VersionDocument, '_id'>): string {
  return _id.slice(0, _id.lastIndexOf('/'))
}

/** As it is written to MongoDB. */
export function sealedWrite({ seals }: Sealing, write: ResourceWrite): ResourceWrite {
  const { sealed, document, version } = write
  if (!sealed) return write
  const { _id, beside } = document
  const body = sealText(seals, _id, document.body, sealed)
  return {
    ...write,
    document: { ...document, body, ...(beside !== undefined && { beside: sealedBeside(seals, _id, beside) }) },
    version: { ...version, body },
  }
}

/** What clients wrote beside a row is sealed as one, where anything of the resource is. */
export function sealedBeside(seals: Seals, record: string, beside: string): string {
  return kidOf(beside) === undefined ? seals.seal({ record, path: 'beside' }, beside) : beside
}

export function openBeside(
  { seals }: Sealing,
  record: ResourceDocument['_id'],
  beside: string | undefined,
): string | undefined {
  return beside === undefined || kidOf(beside) === undefined ? beside : seals.open({ record, path: 'beside' }, beside)
}
