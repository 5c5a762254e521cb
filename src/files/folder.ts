/**
 * Files in a folder of this machine, or of a volume that all gateways share. A file is written under a name of its own,
 * flushed to the disk and renamed: whoever reads it reads it whole, also after a power cut.
 */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Files } from './files.ts'
import { checkedName } from './files.ts'
import { isAbsent } from './absent.ts'

/** Hidden from `list`: names of files do not begin with a dot. */
const UNFINISHED = '.unfinished-'
/** Nobody but the gateway's own user: what is in them is about patients. */
const PRIVATE_FOLDER = 0o700
const PRIVATE_FILE = 0o600

export function folderFiles(root: string): Files {
  const pathOf = (name: string): string => join(root, checkedName(name))
  return {
    async write(name, content) {
      const path = pathOf(name)
      const folder = dirname(path)
      const unfinished = join(folder, `${UNFINISHED}${randomUUID()}`)
      await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER })
      try {
        await pipeline(content, createWriteStream(unfinished, { flush: true, mode: PRIVATE_FILE }))
        await rename(unfinished, path)
        await syncFolder(folder)
      } catch (error) {
        await rm(unfinished, { force: true })
        throw error
      }
    },
    read: async (name) => contentOf(pathOf(name)),
    async list(folder) {
      const entries = await readdir(pathOf(folder), { withFileTypes: true }).catch(undefinedWhereAbsent)
      const files = entries?.filter((each) => each.isFile() && !each.name.startsWith('.')) ?? []
      return files.map((each) => `${folder}/${each.name}`)
    },
    async remove(name) {
      const path = pathOf(name)
      await rm(path, { force: true })
      await removeEmpty(dirname(path), root)
    },
    async removeUnfinished(folder) {
      const path = pathOf(folder)
      const names = (await readdir(path).catch(undefinedWhereAbsent)) ?? []
      for (const name of names) if (name.startsWith(UNFINISHED)) await rm(join(path, name), { force: true })
      await removeEmpty(path, root)
    },
  }
}

async function contentOf(path: string): Promise<Readable | undefined> {
  const file = await open(path).catch(undefinedWhereAbsent)
  if (!file || (await file.stat()).isFile()) return file?.createReadStream()
  await file.close()
  return undefined
}

/** Somebody may be writing there just now: then it stays. */
async function removeEmpty(folder: string, root: string): Promise<void> {
  if (folder !== root) await rmdir(folder).catch(() => undefined)
}

/** The rename itself must be on the disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function undefinedWhereAbsent(error: unknown): undefined {
  if (isAbsent(error)) return undefined
  throw error
}
