/** Commands that work with the gateway's own database, of a gateway that runs or of the configuration. */
import type { Config } from '../config/config.ts'
import { openOwnStore } from './seals.ts'
import type { Store } from '../store/collections.ts'
import { connect } from '../store/connection.ts'
import { prepareSchema } from '../store/schema.ts'
import { readConfiguration } from './context.ts'
import { findServices } from './services.ts'

export async function withStore<T>(work: (store: Store, config: Config) => Promise<T>): Promise<T> {
  const config = readConfiguration()
  const client = await connect(findServices(config).mongodbUri)
  try {
    const store = await openOwnStore(client, config)
    await prepareSchema(store)
    return await work(store, config)
  } finally {
    await client.close()
  }
}
