/**
 * The shape of the gateway's own database: its version and indexes, made or brought up to date before anything is served.
 *
 * An older version is migrated step by step; the version is raised after each step, so a start that was killed goes on
 * where it stopped. A newer one is refused: this release does not know what is in there.
 */
import type { IndexDescription } from 'mongodb'
import { StartError } from '../kernel/errors.ts'
import { parameterHashes } from '../r4/parameter-hashes.ts'
import { withoutAbandoned } from './abandoned.ts'
import type { Store } from './collections.ts'
import { MAKING } from './connection.ts'
import { beginIndexing } from './indexing.ts'
import { migrations } from './migrations/list.ts'
import type { Migration } from './migrations/migration.ts'
import { isOwnerDead } from './owner.ts'

/** Most resources have none. A search by numbers asks for it too, or it would not be led by these (src/fhir/search/lookup.ts). */
const WITH_NUMBERS = { 'n.0': { $exists: true } }

const indexes: Readonly<Record<string, readonly IndexDescription[]>> = {
  resources: [
    { key: { tt: 1, k: 1, _id: 1 }, name: 'keys' },
    // of the types that have such keys
    { key: { tt: 1, s: 1, w: 1, _id: 1 }, name: 'lists', partialFilterExpression: { s: { $exists: true } } },
    { key: { tt: 1, 'd.p': 1, 'd.l': 1 }, name: 'dates-from' },
    { key: { tt: 1, 'd.p': 1, 'd.h': 1 }, name: 'dates-to' },
    { key: { tt: 1, 'n.p': 1, 'n.l': 1 }, name: 'numbers-from', partialFilterExpression: WITH_NUMBERS },
    { key: { tt: 1, 'n.p': 1, 'n.h': 1 }, name: 'numbers-up-to', partialFilterExpression: WITH_NUMBERS },
  ],
  // the only indexes on time (time-walk.ts)
  versions: [
    { key: { tt: 1, u: 1, _id: 1 }, name: 'of-type' },
    { key: { t: 1, u: 1, _id: 1 }, name: 'of-tenant' },
  ],
  rows: [{ key: { deps: 1, _id: 1 }, name: 'deps' }],
  problems: [{ key: { instance: 1 }, name: 'instance' }],
  tenants: [{ key: { instance: 1, key: 1 }, name: 'key' }],
  pending: [],
  positions: [],
  backfills: [],
  leases: [],
  meta: [],
  outbox: [],
  parked: [],
  owed: [
    // of all that was not sent: `sent` comes last in the alphabet, and no list is taken here before MongoDB 6.0
    { key: { state: 1, t: 1, at: 1, _id: 1 }, name: 'unsent', partialFilterExpression: { state: { $lt: 'sent' } } },
    { key: { about: 1, kind: 1 }, name: 'about' },
    // what became of it is known for a year and a month
    { key: { ended: 1 }, name: 'ended', expireAfterSeconds: 400 * 24 * 3600 },
  ],
  handouts: [
    { key: { owner: 1 }, name: 'owner' },
    // long after it was called back, or all of it was sent
    { key: { until: 1 }, name: 'until', expireAfterSeconds: 3600 },
  ],
  planned: [],
  mappingSets: [],
  guards: [],
  counters: [],
  indexing: [],
  writers: [],
  uploads: [{ key: { at: 1 }, name: 'at' }],
  jobs: [
    { key: { state: 1, expires: 1 }, name: 'state' },
    { key: { t: 1, state: 1, created: 1 }, name: 'open' },
  ],
  refusals: [{ key: { job: 1, _id: 1 }, name: 'job' }],
  clients: [
    { key: { t: 1, created: 1 }, name: 'of-tenant' },
    // who registered and was approved by nobody in a quarter of a year is forgotten
    {
      ...{ key: { created: 1 }, name: 'pending', expireAfterSeconds: 90 * 24 * 3600 },
      partialFilterExpression: { state: 'pending' },
    },
  ],
  attempts: [
    { key: { key: 1 }, name: 'key', unique: true },
    { key: { expire: 1 }, name: 'expire', expireAfterSeconds: 0 },
  ],
  accounts: [
    { key: { t: 1, emailKey: 1 }, name: 'email', unique: true },
    {
      ...{ key: { t: 1, 'identities.issuer': 1, 'identities.subject': 1 }, name: 'identity', unique: true },
      partialFilterExpression: { 'identities.subject': { $exists: true } },
    },
  ],
  invitations: [{ key: { expires: 1 }, name: 'expires', expireAfterSeconds: 0 }],
  // of connect-mongo
  sessions: [{ key: { expires: 1 }, name: 'expires', expireAfterSeconds: 0 }],
  roles: [{ key: { t: 1, name: 1 }, name: 'name', unique: true }],
  permissions: [],
  userRoles: [
    { key: { account: 1, role: 1 }, name: 'account', unique: true },
    { key: { role: 1, account: 1 }, name: 'role' },
  ],
  rolePermissions: [{ key: { role: 1, permission: 1 }, name: 'role', unique: true }],
  authorization: [
    { key: { expires: 1 }, name: 'expires', expireAfterSeconds: 60 },
    { key: { grant: 1 }, name: 'grant', sparse: true },
    { key: { account: 1 }, name: 'account', sparse: true },
    { key: { client: 1 }, name: 'client', sparse: true },
    { key: { session: 1 }, name: 'session', sparse: true },
    { key: { uid: 1 }, name: 'uid', sparse: true },
  ],
  grants: [
    { key: { expires: 1 }, name: 'expires', expireAfterSeconds: 0 },
    { key: { account: 1, created: -1 }, name: 'account' },
    { key: { client: 1 }, name: 'client' },
  ],
  launches: [{ key: { expires: 1 }, name: 'expires', expireAfterSeconds: 0 }],
  audit: [
    {
      ...{ key: { t: 1, 'what.p': 1, _id: 1 }, name: 'patients' },
      partialFilterExpression: { 'what.p': { $exists: true } },
    },
  ],
  auditChain: [],
  auditHeads: [],
  restrictions: [],
  openings: [
    { key: { t: 1, until: 1 }, name: 'open' },
    { key: { t: 1, patient: 1, from: -1 }, name: 'patient' },
  ],
  messageChoices: [{ key: { t: 1, person: 1 }, name: 'person' }],
  holds: [{ key: { t: 1, placed: -1 }, name: 'of-tenant' }],
  erasures: [{ key: { t: 1, begun: -1 }, name: 'of-tenant' }],
  // who repeats a request after a day is answered anew
  keptAnswers: [{ key: { claimed: 1 }, name: 'claimed', expireAfterSeconds: 24 * 3600 }],
  clinicSettings: [],
  subscriptions: [{ key: { t: 1, state: 1 }, name: 'of-tenant' }],
  subscriptionEvents: [
    { key: { again: 1, _id: 1 }, name: 'again', partialFilterExpression: { again: true } },
    { key: { dead: 1, _id: 1 }, name: 'dead', partialFilterExpression: { dead: { $exists: true } } },
  ],
  bindings: [{ key: { expires: 1 }, name: 'expires', expireAfterSeconds: 0 }],
}

/** The version after all `steps`; 1 is the first release's. */
function latest(steps: readonly Migration[]): number {
  return steps.at(-1)?.to ?? 1
}

export async function prepareSchema(store: Store, steps: readonly Migration[] = migrations): Promise<void> {
  let version = await storedVersion(store)
  const isFresh = version === undefined
  if (version === undefined) {
    version = latest(steps)
    await writeVersion(store, version)
  }
  if (version > latest(steps)) {
    throw new StartError(
      `The database "${store.db.databaseName}" has schema version ${version}, this release knows ${latest(steps)}: ` +
        'start the newer release, or name another database in ISTHMUS_DATABASE.',
    )
  }
  await makeCollections(store)
  if (isFresh) await beginIndexing(store, parameterHashes())
  for (const step of steps.filter(({ to }) => to > version)) {
    await step.run(store)
    await writeVersion(store, step.to)
  }
}

async function storedVersion(store: Store): Promise<number | undefined> {
  return (await store.meta.findOne({ _id: 'schema' }))?.version
}

async function writeVersion(store: Store, version: number): Promise<void> {
  await store.meta.updateOne({ _id: 'schema' }, { $max: { version } }, { upsert: true })
}

/** Indexes first: a transaction cannot wait for a collection that is being made. */
async function makeCollections(store: Store): Promise<void> {
  // An index is begun when no transaction is open: those of a program that was killed would be for a minute
  await withoutAbandoned(store.client, isOwnerDead)
  const there = new Set((await store.db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name))
  for (const [name, wanted] of Object.entries(indexes)) {
    // Indexes make their collection
    if (wanted.length > 0) await store.db.collection(name).createIndexes([...wanted], MAKING)
    else if (!there.has(name)) await createCollection(store, name)
  }
}

async function createCollection(store: Store, name: string): Promise<void> {
  try {
    await store.db.createCollection(name)
  } catch (error) {
    // Another gateway that starts at the same moment was faster.
    if ((error as { codeName?: string }).codeName !== 'NamespaceExists') throw error
  }
}
