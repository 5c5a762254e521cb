/** `isthmus retention`: erases the records whose time is over by the rules of their sources, or says whose they are. */
import { Command } from 'commander'
import { actEvent } from '../audit/act.ts'
import { Deadline } from '../kernel/deadline.ts'
import { GatewayError, StartError } from '../kernel/errors.ts'
import type { Source } from '../projection/plan.ts'
import { sourcesIn } from '../projection/plan.ts'
import { tenantsOf } from '../projection/plan-tenants.ts'
import type { Due } from '../projection/retention.ts'
import { eraseDue, pageOfDue, retentionAct } from '../projection/retention.ts'
import type { WriteBack } from '../projection/write-back.ts'
import { registerProgram } from '../store/program.ts'
import { prepareSchema } from '../store/schema.ts'
import { connect } from '../store/connection.ts'
import { mappingsInForce } from './active-mappings.ts'
import { readContext } from './context.ts'
import { operatorName } from './on-record.ts'
import { openOwnStore } from './seals.ts'
import { findServices } from './services.ts'
import { writeBackOf } from './write-back.ts'

interface Options {
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** The projection must see what is deleted at the source. */
const LONGEST = 600_000

export const retentionCommand = new Command('retention')
  .description('erase the records whose time is over (of one system, or of all)')
  .argument('[system]', 'code of the source system, such as hms')
  .option('--dry-run', 'only say whose they are')
  .option('--json', 'print the result as JSON')
  .action(async (system: string | undefined, options: Options) => {
    const context = readContext()
    const client = await connect(findServices(context.config).mongodbUri)
    const ends: (() => Promise<unknown>)[] = [() => client.close()]
    try {
      const store = await openOwnStore(client, context.config)
      await prepareSchema(store)
      const writer = await registerProgram(store, context.config.limits)
      ends.push(() => writer.stop())
      const writeBack = writeBackOf(store, await mappingsInForce(context, store))
      const sources = sourcesOf(writeBack, system)
      const asking = [...(await tenantsOf(store, sources))].map((tenant) => ({
        ...{ tenant, now: new Date() },
        isMeant: (source: Source) => sources.includes(source),
      }))
      await (options.dryRun ? look : run)(writeBack, asking, options)
    } finally {
      for (const end of ends.reverse()) await end()
    }
  })

function sourcesOf({ plan }: WriteBack, system: string | undefined): Source[] {
  const own = sourcesIn(plan).filter((source) => source.system.jobs.retention !== undefined)
  const named = own.filter((source) => system === undefined || source.system.system === system)
  if (named.length > 0) return named
  const known = own.map((source) => source.system.system).join(', ')
  throw new StartError(
    `No source system ${system ?? ''} says how long records are kept; there are: ${known || 'none'}.`,
  )
}

type Asking = Parameters<typeof pageOfDue>[1]

async function look(writeBack: WriteBack, asking: readonly Asking[], { json }: Options): Promise<void> {
  const all: (Due & { readonly tenant: string })[] = []
  for (const each of asking) {
    for (let after: string | undefined = ''; after !== undefined;) {
      const page: Awaited<ReturnType<typeof pageOfDue>> = await pageOfDue(writeBack, each, after)
      all.push(...page.due.map((due) => ({ tenant: each.tenant, ...due })))
      if (!json) for (const due of page.due) say(lineOf(due))
      after = page.next
    }
  }
  const held = all.filter(({ hold }) => hold).length
  say(json ? JSON.stringify(all) : `${all.length - held} to be erased, ${held} held.`)
}

function lineOf({ patient, since, until, hold }: Due): string {
  const dates = `counted from ${since.toISOString().slice(0, 10)}, kept until ${until.toISOString().slice(0, 10)}`
  return `${patient}: ${dates}${hold === undefined ? '' : `, under the legal hold ${hold}`}`
}

async function run(writeBack: WriteBack, asking: readonly Asking[], { json }: Options): Promise<void> {
  const who = { name: operatorName('retention') }
  const deadline = new Deadline(LONGEST)
  const total = { erased: 0, open: 0, held: 0, more: false }
  for (const each of asking) {
    const { tenant } = each
    const done = await eraseDue(writeBack, {
      ...{ ...each, by: who.name, left: () => deadline.left },
      event: (patient, what) => actEvent({ tenant, who, ...retentionAct(patient, what) }),
    }).catch(asSentence)
    for (const count of ['erased', 'open', 'held'] as const) total[count] += done[count]
    total.more ||= done.more
  }
  const { erased, open, held, more } = total
  const rest = more ? ' There are more: run it again.' : ''
  say(json ? JSON.stringify(total) : `${erased} erased, ${open} left open by rows of the source, ${held} held.${rest}`)
}

function asSentence(error: unknown): never {
  throw error instanceof GatewayError ? new StartError(error.message) : error
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
