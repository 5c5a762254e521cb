/** Where the files of exports and imports are kept, as configured. */
import type { Config } from '../config/config.ts'
import type { Files } from '../files/files.ts'
import { folderFiles } from '../files/folder.ts'

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
