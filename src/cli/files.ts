/** Where files are, as configured: those of exports and imports, and those that rows of sources name. */
import type { Config } from '../config/config.ts'
import type { SourceConfig } from '../config/sources.ts'
import type { StorageConfig } from '../config/storages.ts'
import type { Storages } from '../fhir/context.ts'
import type { Files } from '../files/files.ts'
import { folderFiles } from '../files/folder.ts'
import { folderStorage } from '../files/storages/folder.ts'
import { originStorage } from '../files/storages/origin.ts'
import type { Storage } from '../files/storages/storage.ts'

export async function openFiles({ files }: Config): Promise<Files> {
  if (!files.bucket) return folderFiles(files.folder)
  // The client of such stores is large: it is loaded by those who use one
  const { bucketFiles } = await import('../files/bucket.ts')
  return bucketFiles(files.bucket)
}

/** What $import may read beside what it is sent. */
export function openImports({ files }: Config): Files | undefined {
  return files.imports === undefined ? undefined : folderFiles(files.imports)
}

/** By the database of the source, which is what its instance is known by. */
export async function openStorages(sources: readonly SourceConfig[]): Promise<Storages> {
  const entries = sources.map(async ({ database, storages }): Promise<[string, Storage[]]> => [
    database,
    await Promise.all(storages.map(openStorage)),
  ])
  return new Map(await Promise.all(entries))
}

async function openStorage(storage: StorageConfig): Promise<Storage> {
  if (storage.kind === 'origin') return originStorage(storage)
  if (storage.kind === 'folder') return folderStorage(storage)
  const { bucketStorage } = await import('../files/storages/bucket.ts')
  return bucketStorage(storage)
}
