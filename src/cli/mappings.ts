/** `isthmus mappings`: which mappings are in force, and putting others in force, back and forth, while gateways run. */
import { Command } from 'commander'
import type { Config } from '../config/config.ts'
import { StartError } from '../kernel/errors.ts'
import { readMappingSet } from '../mapping/mapping-set.ts'
import type { Store } from '../store/collections.ts'
import { openOwnStore } from './seals.ts'
import { connect } from '../store/connection.ts'
import { activateMappings, readActiveMappings, readMappingSets } from '../store/mapping-sets.ts'
import { prepareSchema } from '../store/schema.ts'
import { activateFolder, keptContext } from './active-mappings.ts'
import { readConfiguration, readContext } from './context.ts'
import { putOnRecord } from './on-record.ts'
import { useOwnSearchParameters } from './search-parameters.ts'
import { findServices } from './services.ts'

async function withStore(work: (store: Store, config: Config) => Promise<void>): Promise<void> {
  const config = readConfiguration()
  const client = await connect(findServices(config).mongodbUri)
  try {
    const store = await openOwnStore(client, config)
    useOwnSearchParameters(config)
    await prepareSchema(store)
    await work(store, config)
  } finally {
    await client.close()
  }
}

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`)
}

const list = new Command('list')
  .description('every set of mappings that was in force, newest first')
  .option('--json', 'print the result as JSON')
  .action((options: { readonly json?: boolean }) =>
    withStore(async (store) => {
      const known = await readActiveMappings(store)
      const sets = (await readMappingSets(store)).map(({ _id, activated, files }) => ({
        hash: _id,
        activated: activated.toISOString(),
        files: files.length,
        inForce: _id === known?.active,
      }))
      if (options.json) say(JSON.stringify(sets))
      else for (const set of sets) say(`${set.inForce ? '*' : ' '} ${set.hash}  ${set.activated}  ${set.files} files`)
    }),
  )

const activate = new Command('activate')
  .description('put the mappings of the folder in force; "isthmus backfill --dry-run" says before what that changes')
  .action(() =>
    withStore(async (store) => {
      const set = readMappingSet(readContext().config.mappings)
      await activateFolder(store, set)
      say(`The mappings ${set.hash} are in force; "isthmus status" shows how far they are applied.`)
    }),
  )

const rollback = new Command('rollback')
  .description('put the mappings before these, or those with the hash, in force again')
  .argument('[hash]')
  .action((hash: string | undefined) =>
    withStore(async (store, config) => {
      const known = await readActiveMappings(store)
      const wanted = hash ?? known?.previous
      if (!known || wanted === undefined)
        throw new StartError('No other mappings were in force before; nothing to roll back to.')
      // Refused here rather than by the gateways that would follow
      await keptContext(config, store, wanted)
      await putOnRecord(store, { tenant: 'default', kind: 'mappings', action: 'U', query: `roll back to ${wanted}` })
      await activateMappings(store, wanted, known.folder)
      say(`The mappings ${wanted} are in force again; "isthmus status" shows how far they are applied.`)
    }),
  )

export const mappingsCommand = new Command('mappings')
  .description('list the mappings that were in force, activate those of the folder, roll back')
  .addCommand(list, { isDefault: true })
  .addCommand(activate)
  .addCommand(rollback)
