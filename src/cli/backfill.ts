/**
 * `isthmus backfill [system]`: projects every row again; `--dry-run` says what that would change.
 *
 * One worker projects at a time. When one runs, it is asked and its progress shown; else this command is the worker.
 */
import { Command } from 'commander'
import { StartError } from '../kernel/errors.ts'
import type { DryRun } from '../projection/dry-run.ts'
import { dryRun } from '../projection/dry-run.ts'
import type { CollectionPlan, Plan } from '../projection/plan.ts'
import { readBackfills, restartBackfills } from '../store/backfills.ts'
import type { Store } from '../store/collections.ts'
import { openOwnStore } from './seals.ts'
import { connect } from '../store/connection.ts'
import { prepareSchema } from '../store/schema.ts'
import { withMappingsInForce } from './active-mappings.ts'
import { whileProjecting } from './borrowed-worker.ts'
import { readContext } from './context.ts'
import type { Context } from './context.ts'
import { putOnRecord } from './on-record.ts'
import { progressBar } from './progress.ts'
import { findServices } from './services.ts'
import { planFor } from './sources.ts'

const SHOWN_CHANGES = 20

interface Options {
  readonly dryRun?: boolean
  readonly json?: boolean
}

export const backfillCommand = new Command('backfill')
  .description('project every row again (of one system, or of all)')
  .argument('[system]', 'code of the source system, such as hms')
  .option('--dry-run', 'only say what would change')
  .option('--json', 'print the result as JSON')
  .action(async (system: string | undefined, options: Options) => {
    const folder = readContext()
    const client = await connect(findServices(folder.config).mongodbUri)
    try {
      const store = await openOwnStore(client, folder.config)
      await prepareSchema(store)
      // What would change is a question about the folder; what is done again is what is in force
      const context = options.dryRun ? folder : await withMappingsInForce(folder, store)
      const plan = planFor(context)
      const collections = collectionsOf(plan, system)
      if (collections.length === 0) {
        throw new StartError(`There is no system ${system ?? ''}; there are ${names(context)}.`)
      }
      const what = `${options.dryRun ? 'dry run' : 'run'} of ${system ?? 'all systems'}`
      // A dry run shows what stands in records
      await putOnRecord(store, { tenant: 'default', kind: 'backfill', action: options.dryRun ? 'R' : 'E', query: what })
      if (options.dryRun) await look(store, plan, collections, options)
      else await run(context, store, collections, options)
    } finally {
      await client.close()
    }
  })

function collectionsOf({ collections }: Plan, system: string | undefined): CollectionPlan[] {
  return [...collections.values()].filter(({ source }) => system === undefined || source.system.system === system)
}

function names({ systems }: Context): string {
  return systems.map(({ system }) => system).join(', ')
}

async function look(
  store: Store,
  plan: Plan,
  collections: readonly CollectionPlan[],
  { json }: Options,
): Promise<void> {
  const results: Record<string, DryRun> = {}
  const progress = progressBar()
  for (const [index, collection] of collections.entries()) {
    const name = `${collection.instance}.${collection.collection}`
    progress.show(index, collections.length, 'collections', name)
    results[name] = await dryRun(store, plan, collection, SHOWN_CHANGES)
  }
  progress.end()
  process.stdout.write(json ? `${JSON.stringify(results)}\n` : Object.entries(results).map(describe).join(''))
}

function describe([name, { counts, changes }]: [string, DryRun]): string {
  const { rows, create, update, delete: gone, unchanged, problems } = counts
  const sum = `${name}: ${rows} rows: ${create} created, ${update} updated, ${gone} deleted, ${unchanged} unchanged, ${problems} problems\n`
  const lines = changes.flatMap(({ resource, differences }) => [
    `  ${resource}\n`,
    ...differences.map(({ path, before = '(nothing)', after = '(nothing)' }) => `    ${path}: ${before} → ${after}\n`),
  ])
  return sum + lines.join('')
}

async function run(
  context: Context,
  store: Store,
  collections: readonly CollectionPlan[],
  { json }: Options,
): Promise<void> {
  for (const { instance, collection } of collections) await restartBackfills(store, { instance, collection })
  const keys = new Set(collections.map(({ instance, collection }) => `${instance}/${collection}`))
  const progress = progressBar()
  let rows = 0
  await whileProjecting(context, store, async () => {
    const backfills = (await readBackfills(store)).filter(({ _id }) => keys.has(_id))
    const open = backfills.filter(({ phase }) => phase !== 'done')
    const sum = (of: 'done' | 'total'): number => backfills.reduce((total, each) => total + each[of], 0)
    rows = sum('done')
    progress.show(rows, sum('total'), 'rows', open[0]?._id ?? '')
    return backfills.length === keys.size && open.length === 0
  })
  progress.end()
  process.stdout.write(json ? `${JSON.stringify({ rows })}\n` : `${rows} rows projected\n`)
}
