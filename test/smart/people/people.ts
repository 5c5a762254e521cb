/** A gateway's database with a few people in it. */
import type { MongoClient } from 'mongodb'
import type { AccountDocument } from '../../../src/store/accounts.ts'
import type { NewAccount } from '../../../src/smart/people/people.ts'
import { addAccount } from '../../../src/smart/people/people.ts'
import type { Store } from '../../../src/store/collections.ts'
import { openStore } from '../../../src/store/collections.ts'
import { connect } from '../../../src/store/connection.ts'
import { prepareSchema } from '../../../src/store/schema.ts'
import { mongodbUri, uniqueName } from '../../support/services.ts'

export const PASSWORD = 'correct horse battery'

export interface Clinic {
  readonly client: MongoClient
  readonly store: Store
  add(email: string, wish?: Partial<NewAccount>): Promise<AccountDocument>
  close(): Promise<void>
}

export async function openClinic(): Promise<Clinic> {
  const client = await connect(mongodbUri())
  const store = openStore(client, uniqueName('people'))
  await prepareSchema(store)
  return {
    client,
    store,
    add: (email, wish = {}) =>
      addAccount(store, { tenant: 'default', email, roles: ['practitioner'], password: PASSWORD, ...wish }),
    async close() {
      await store.db.dropDatabase()
      await client.close()
    },
  }
}
