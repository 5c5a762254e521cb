/** A folder of this machine (a mounted volume): of links that are paths or `file:` URLs. Nothing outside of it is opened. */
import { open, realpath } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { isAbsent } from '../absent.ts'
import { partOf } from '../range.ts'
import type { Storage, StoredFile, Wanted } from './storage.ts'
import { isPath, StorageError } from './storage.ts'

export interface FolderOptions {
  readonly folder: string
  /** what paths begin with that is not part of the folder: `/uploads` */
  readonly prefix?: string
}

export function folderStorage({ folder, prefix = '' }: FolderOptions): Storage {
  const root = resolve(folder)
  const inside = (path: string): string | undefined => (path.startsWith(root + sep) ? path : undefined)
  return {
    locate(link) {
      if (link.includes('\0')) return undefined
      if (/^file:\/\/\//i.test(link)) return URL.canParse(link) ? inside(pathOf(link)) : undefined
      if (!isPath(link) || !link.startsWith(prefix)) return undefined
      const path = link.slice(prefix.length)
      return inside(link.startsWith(root + sep) ? resolve(link) : join(root, path))
    },
    async open(place, wanted) {
      try {
        // A symbolic link may lead out of the folder
        const real = await realpath(place)
        return real.startsWith((await realpath(root)) + sep) ? await fileAt(real, wanted) : undefined
      } catch (cause) {
        if (isAbsent(cause)) return undefined
        throw new StorageError('a file in a folder of a source cannot be read', { cause })
      }
    },
  }
}

/** Empty where the address is no path of this machine. */
function pathOf(link: string): string {
  try {
    return fileURLToPath(link)
  } catch {
    return ''
  }
}

async function fileAt(path: string, { range }: Wanted): Promise<StoredFile | undefined> {
  const file = await open(path)
  const { size, isFile } = await file.stat().then((stat) => ({ size: stat.size, isFile: stat.isFile() }))
  const part = partOf(size, range, undefined, '')
  if (!isFile || part === 'unsatisfiable') {
    await file.close()
    return isFile ? { size, part: 'unsatisfiable', content: Readable.from([]) } : undefined
  }
  // `end` of a stream is its last byte; an empty file has none
  const content = file.createReadStream({ start: part?.start ?? 0, ...(part && { end: part.end - 1 }) })
  return { size, content, ...(part && { part }) }
}
