/**
 * A storage that a source keeps files in, as rows name them by links (entities G12). Only storages that the source's
 * configuration lists are asked, so that a link in a row cannot make the gateway read anything else.
 */
import type { Readable } from 'node:stream'
import type { Part } from '../range.ts'

export interface Storage {
  /** By what the storage knows the file of a link; undefined: the link does not lead here. */
  locate(link: string): string | undefined
  /** Undefined: there is no such file. Throws StorageError when the storage does not answer as one should. */
  open(place: string, wanted: Wanted): Promise<StoredFile | undefined>
}

export interface Wanted {
  /** as the client asked for it: one range of bytes (RFC 9110 §14.1.2) */
  readonly range?: string
  /** how long the storage may take to begin */
  readonly milliseconds: number
}

export interface StoredFile {
  /** of the whole file, in bytes, where the storage says it */
  readonly size: number | undefined
  /** what of it `content` is; none: all of it */
  readonly part?: Part | 'unsatisfiable'
  /** what the storage takes it for */
  readonly type?: string
  readonly content: Readable
}

export class StorageError extends Error {
  override readonly name = 'StorageError'
}

/** A link that is a path and no URL. */
export function isPath(link: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:/i.test(link)
}
