/** The gateway's own secrets in MongoDB: sealed, also those that an earlier release left in clear. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Binary } from 'mongodb'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { findAccount } from '../../src/store/accounts.ts'
import { openStore } from '../../src/store/collections.ts'
import type { Store } from '../../src/store/collections.ts'
import { sealedSecrets } from '../../src/store/migrations/sealed-secrets.ts'
import { claimKeys } from '../../src/store/seals-in-use.ts'
import { secretOf } from '../../src/store/second-factors.ts'
import { sharedKey } from '../../src/store/shared-key.ts'
import { closeStore, openTestStore } from '../support/databases.ts'
import { newSealKey, testSeals } from '../support/seals.ts'

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const key = newSealKey()

let store: Store

beforeAll(async () => {
  store = await openTestStore(testSeals(key))
})

afterAll(async () => {
  await closeStore(store)
})

const raw = async (name: string): Promise<string> => JSON.stringify(await store.db.collection(name).find().toArray())

test('What an earlier release stored in clear is sealed by the migration, and is what it was.', async () => {
  const shared = randomBytes(32)
  const account = { _id: 'a1', t: 'default', emailKey: 'a@clinic.example', totp: { secret: SECRET, confirmed: true } }
  await store.db.collection('accounts').insertOne(account as object)
  await store.db.collection('meta').insertOne({ _id: 'page-key', key: new Binary(shared) } as object)
  await sealedSecrets.run(store)
  await sealedSecrets.run(store)
  expect(secretOf(store, (await findAccount(store, 'a1')) as AccountDocument)).toBe(SECRET)
  expect(await sharedKey(store, 'page-key')).toEqual(shared)
  expect(await raw('accounts')).not.toContain(SECRET)
  expect(await raw('meta')).not.toContain(shared.toString('base64'))
})

test('All gateways of a database have one key of a name; moved under another name or without its key it is refused.', async () => {
  const [first, second] = await Promise.all([sharedKey(store, 'new-key'), sharedKey(store, 'new-key')])
  expect(first).toEqual(second)
  const stored = await store.meta.findOne({ _id: 'new-key' })
  await store.db.collection('meta').insertOne({ _id: 'moved', sealed: stored?.sealed } as object)
  await expect(sharedKey(store, 'moved')).rejects.toThrow(/does not open/)
  const other = openStore(store.client, store.db.databaseName, testSeals())
  await expect(sharedKey(other, 'new-key')).rejects.toThrow(/the key .* does not have/)
})

test('A gateway without a key that something is sealed with does not start, and says which.', async () => {
  await claimKeys(store)
  const fresh = newSealKey()
  const at = (seals: ReturnType<typeof testSeals>) => openStore(store.client, store.db.databaseName, seals)
  await claimKeys(at(testSeals(fresh, key)))
  await expect(claimKeys(store)).rejects.toThrow(`ISTHMUS_ENCRYPTION_KEYS lacks the key ${fresh.kid}`)
  await expect(claimKeys(at(testSeals(fresh)))).rejects.toThrow(`lacks the key ${key.kid}`)
})
