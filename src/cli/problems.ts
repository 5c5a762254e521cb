/** `isthmus problems`: the rows that cannot be mapped, and trying them again once their cause is mended. */
import { Command } from 'commander'
import { StartError } from '../kernel/errors.ts'
import type { Store } from '../store/collections.ts'
import { openOwnStore } from './seals.ts'
import { connect } from '../store/connection.ts'
import type { ProblemFilter } from '../store/documents.ts'
import { askForRetry, isPending } from '../store/pending.ts'
import { eachProblem } from '../store/problems.ts'
import { prepareSchema } from '../store/schema.ts'
import { withMappingsInForce } from './active-mappings.ts'
import { whileProjecting } from './borrowed-worker.ts'
import { readContext } from './context.ts'
import type { Context } from './context.ts'
import { putOnRecord } from './on-record.ts'
import { problemJson, problemLine } from './problem-text.ts'
import { findServices } from './services.ts'

interface Options {
  readonly system?: string
  readonly collection?: string
  readonly mapping?: string
  readonly json?: boolean
}

function withFilters(command: Command): Command {
  return command
    .option('--system <code>', 'of this source system, such as hms')
    .option('--collection <name>', 'of rows of this collection')
    .option('--mapping <name>', 'of this mapping, such as hms/patient')
    .option('--json', 'print the result as JSON')
}

async function withProblems(
  options: Options,
  work: (store: Store, filter: ProblemFilter, context: Context) => Promise<void>,
): Promise<void> {
  const folder = readContext()
  const client = await connect(findServices(folder.config).mongodbUri)
  try {
    const store = await openOwnStore(client, folder.config)
    await prepareSchema(store)
    const context = await withMappingsInForce(folder, store)
    await work(store, filterOf(options, context), context)
  } finally {
    await client.close()
  }
}

function filterOf({ system, collection, mapping }: Options, { config: { sources } }: Context): ProblemFilter {
  const instances = sources.filter((source) => source.system === system).map(({ database }) => database)
  if (system !== undefined && instances.length === 0) {
    const known = [...new Set(sources.map((source) => source.system))].join(', ')
    throw new StartError(`There is no system ${system}; there are ${known}.`)
  }
  return {
    ...(system !== undefined && { instances }),
    ...(collection !== undefined && { collection }),
    ...(mapping !== undefined && { mapping }),
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const list = withFilters(new Command('list'))
  .description('every row that cannot be mapped: its key, the rule, the reason')
  .action((options: Options) =>
    withProblems(options, async (store, filter) => {
      let count = 0
      for await (const problem of eachProblem(store, filter)) {
        if (options.json) process.stdout.write(`${count === 0 ? '[' : ','}${JSON.stringify(problemJson(problem))}\n`)
        else say(problemLine(problem))
        count++
      }
      if (options.json) say(count === 0 ? '[]' : ']')
      else say(count === 0 ? 'No problems.' : `${count} problem${count === 1 ? '' : 's'}.`)
    }),
  )

const retry = withFilters(new Command('retry'))
  .description('project those rows again, and say how many problems are solved')
  .action((options: Options) =>
    withProblems(options, async (store, filter, context) => {
      const tried = await rowsOf(store, filter)
      await putOnRecord(store, {
        tenant: 'default',
        kind: 'problems',
        action: 'E',
        query: `retry ${wordsOf(options)}`.trim(),
      })
      const request = await askForRetry(store, filter)
      await whileProjecting(context, store, async () => !(await isPending(store, request)))
      const { mapping: _, ...anyMapping } = filter
      const left = tried.intersection(await rowsOf(store, anyMapping)).size
      const solved = tried.size - left
      if (options.json) say(JSON.stringify({ tried: tried.size, solved, left }))
      else say(`${tried.size} tried again: ${solved} solved, ${left} left.`)
    }),
  )

function wordsOf({ system, collection, mapping }: Options): string {
  return [system, collection, mapping].filter((word) => word !== undefined).join(' ')
}

async function rowsOf(store: Store, filter: ProblemFilter): Promise<Set<string>> {
  const rows = new Set<string>()
  for await (const { _id } of eachProblem(store, filter)) rows.add(_id)
  return rows
}

export const problemsCommand = new Command('problems')
  .description('list the rows that cannot be mapped, try them again')
  .addCommand(list, { isDefault: true })
  .addCommand(retry)
