/**
 * Where files lie that are no resources (what a bulk export wrote, what an import was sent): one small port, a folder or
 * a bucket behind it. Names are `<folder>/<file>`, of letters, digits, `.`, `-` and `_`.
 */
import type { Readable } from 'node:stream'

export interface Files {
  /** Whole or not at all: what breaks on its way, or is killed, leaves nothing under the name. What was there is replaced. */
  write(name: string, content: Readable): Promise<void>
  /** Undefined: there is none. */
  read(name: string): Promise<Readable | undefined>
  /** The names in a folder, in no order. */
  list(folder: string): Promise<string[]>
  remove(name: string): Promise<void>
  /** What programs that were killed left half written in a folder; who is writing there just now fails. */
  removeUnfinished(folder: string): Promise<void>
}

/** A folder and all that is in it. */
export async function removeFolder(files: Files, folder: string): Promise<void> {
  for (const name of await files.list(folder)) await files.remove(name)
  await files.removeUnfinished(folder)
}

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/

/** No name leads out of the place that files are kept in. */
export function isFileName(name: string): boolean {
  return NAME.test(name)
}

export function checkedName(name: string): string {
  if (isFileName(name)) return name
  throw new Error('A name of a file has letters, digits, dots, hyphens and underscores only.')
}
