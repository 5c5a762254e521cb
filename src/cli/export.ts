/** `isthmus export`: everything of a tenant into files, as `$export` does it, without a gateway. */
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command } from 'commander'
import { everythingOf } from '../access/permit.ts'
import type { Files } from '../files/files.ts'
import { StartError } from '../kernel/errors.ts'
import { isResourceType, resourceTypes } from '../r4/elements.ts'
import { openOwnStore } from './seals.ts'
import { connect } from '../store/connection.ts'
import { EVERYBODY } from '../store/audit-documents.ts'
import type { ExportFile, ExportJob } from '../store/job-documents.ts'
import { prepareSchema } from '../store/schema.ts'
import type { ExportKeeper } from '../workers/bulk-export.ts'
import { runExport } from '../workers/bulk-export.ts'
import { exportRules } from './bulk.ts'
import { readContext } from './context.ts'
import { putOnRecord } from './on-record.ts'
import { findServices } from './services.ts'
import { stopSignal } from './signals.ts'

const EVERYBODYS = [{ p: [EVERYBODY], n: [] }]

interface Options {
  readonly tenant: string
  readonly type?: readonly string[]
  readonly since?: string
  readonly out: string
  readonly json?: boolean
}

export const exportCommand = new Command('export')
  .description('write all resources of a tenant to NDJSON files, as they are at this moment')
  .option('--tenant <slug>', 'which tenant', 'default')
  .option('--type <type...>', 'of these types only')
  .option('--since <instant>', 'only what was changed after it, and what was deleted')
  .option('--out <folder>', 'a new or empty folder', 'export')
  .option('--json', 'print the manifest')
  .action(async (options: Options) => {
    const { config } = readContext()
    const job = jobOf(options)
    const folder = await emptyFolder(options.out)
    const client = await connect(findServices(config).mongodbUri)
    try {
      const store = await openOwnStore(client, config)
      await prepareSchema(store)
      const query = `types=${job.wish.types === resourceTypes ? 'all' : job.wish.types.join(',')}`
      await putOnRecord(store, { tenant: options.tenant, kind: 'export', action: 'R', query, what: EVERYBODYS })
      const written: ExportFile[] = []
      const parts = { store, files: filesIn(folder), rules: exportRules(store, config.limits) }
      await runExport({ ...parts, most: config.limits.bulkFileResources }, job, keeperOf(written), stopSignal())
      const manifest = JSON.stringify(manifestOf(job, written), undefined, 2)
      await writeFile(join(folder, 'manifest.json'), `${manifest}\n`)
      process.stdout.write(options.json ? `${manifest}\n` : described(written, folder))
    } finally {
      await client.close()
    }
  })

function jobOf({ tenant, type = [], since }: Options): ExportJob {
  const wrong = type.find((each) => !isResourceType(each))
  if (wrong !== undefined) throw new StartError(`--type ${wrong} is no resource type of FHIR R4.`)
  const after = since === undefined ? undefined : new Date(since)
  if (after && Number.isNaN(after.getTime())) throw new StartError('--since is no instant: say 2026-01-31T00:00:00Z.')
  const types = type.length > 0 ? type : resourceTypes
  return {
    ...{ _id: 'export', t: tenant, by: 'isthmus export', permit: everythingOf(tenant), base: '', request: '' },
    ...{ created: new Date(), state: 'open', owner: '', until: new Date(0), fence: 1, tries: 1 },
    kind: 'export',
    wish: { types, searches: {}, elements: {}, ...(after && { since: after }) },
    ...{ steps: {}, files: [] },
  }
}

/** Files of an earlier export would be taken for some of this one. */
async function emptyFolder(out: string): Promise<string> {
  const folder = resolve(out)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readdir(folder)).length > 0) throw new StartError(`${folder} is not empty: name a new folder in --out.`)
  return folder
}

/** Under the names by which people look for them: nobody else writes here, and what is interrupted begins anew. */
function filesIn(folder: string): Files {
  return {
    write: (name: string, content: Readable) =>
      pipeline(content, createWriteStream(join(folder, fileName(name)), { flush: true, mode: 0o600 })),
    read: () => Promise.resolve(undefined),
    list: () => Promise.resolve([]),
    remove: () => Promise.resolve(),
    removeUnfinished: () => Promise.resolve(),
  }
}

/** `export/Patient-1-1.ndjson.gz`: job and try are always the same here. */
function fileName(stored: string): string {
  return stored.slice(stored.indexOf('/') + 1).replace(/-1(?=\.ndjson\.gz$)/, '')
}

function keeperOf(written: ExportFile[]): ExportKeeper {
  return {
    findings: () => Promise.resolve(),
    progress: (_steps, files) => {
      written.push(...files)
      return Promise.resolve()
    },
  }
}

function manifestOf({ created, t, wish }: ExportJob, written: readonly ExportFile[]): object {
  const entriesOf = (kind: ExportFile['kind']): object[] =>
    written
      .filter((each) => each.kind === kind)
      .map(({ type, stored, count, bytes, sha256 }) => ({
        ...{ type, url: fileName(stored), count },
        extension: { bytes, sha256 },
      }))
  return {
    transactionTime: created.toISOString(),
    tenant: t,
    output: entriesOf('output'),
    ...(wish.since && { deleted: entriesOf('deleted') }),
  }
}

function described(written: readonly ExportFile[], folder: string): string {
  const count = written.reduce((sum, each) => sum + (each.kind === 'output' ? each.count : 0), 0)
  return `${count} resources in ${written.length} files in ${folder}; manifest.json lists them with their checksums\n`
}
