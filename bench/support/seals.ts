/** One key for all programs of a run, which share a database. */
import { join } from 'node:path'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { keptSealKeys } from '../../src/seal/key-file.ts'
import type { Seals } from '../../src/seal/seals.ts'
import { sealsOf } from '../../src/seal/seals.ts'

export const keyFile = join(mkdtempSync(join(tmpdir(), 'isthmus-bench-keys-')), 'keys.json')

export async function benchSeals(): Promise<Seals> {
  return sealsOf(await keptSealKeys(keyFile))
}
