/** Version 7: secrets of second factors and the keys that gateways share are sealed; before, they were stored as they are. */
import type { Binary, Collection, Filter, UpdateFilter } from 'mongodb'
import type { AccountDocument } from '../accounts.ts'
import type { MetaDocument } from '../documents.ts'
import { sealedSecret } from '../second-factors.ts'
import { sealedKey } from '../shared-key.ts'
import type { Migration } from './migration.ts'

type AccountBefore = AccountDocument & { readonly totp: { readonly secret: string } }
type MetaBefore = MetaDocument & { readonly key: Binary }

export const sealedSecrets: Migration = {
  to: 7,
  title: 'The gateway’s own secrets, sealed',
  async run(store) {
    const accounts = store.accounts as unknown as Collection<AccountBefore>
    for await (const account of accounts.find({ 'totp.secret': { $exists: true } } as Filter<AccountBefore>)) {
      const { secret } = account.totp
      const change = { $set: { 'totp.sealed': sealedSecret(store, account, secret) }, $unset: { 'totp.secret': '' } }
      const unchanged = { _id: account._id, 'totp.secret': secret } as Filter<AccountBefore>
      await accounts.updateOne(unchanged, change as unknown as UpdateFilter<AccountBefore>)
    }
    const meta = store.meta as unknown as Collection<MetaBefore>
    for await (const { _id, key } of meta.find({ key: { $exists: true } })) {
      const change = { $set: { sealed: sealedKey(store, _id, Buffer.from(key.value())) }, $unset: { key: '' } }
      await meta.updateOne({ _id, key }, change as unknown as UpdateFilter<MetaBefore>)
    }
  },
}
