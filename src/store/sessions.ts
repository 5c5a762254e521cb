/** Where browsers' sessions at the clinic's own provider are kept while somebody signs in; by a hash of what the cookie says. */
import { hash } from 'node:crypto'
import { MongoStore } from 'connect-mongo'
import type { Store as SessionStore } from 'express-session'
import type { Store } from './collections.ts'

export function sessionStore({ client, db }: Store, seconds: number): SessionStore {
  return MongoStore.create({
    ...{ client, dbName: db.databaseName, collectionName: 'sessions', ttl: seconds },
    // schema.ts makes the index
    autoRemove: 'disabled',
    transformId: (id) => hash('sha256', id, 'base64url'),
  })
}
