/**
 * What accounts hold of their second factor: the secret sealed. Each change is one atomic step: of two at once, one wins.
 */
import type { AccountDocument } from './accounts.ts'
import type { Store } from './collections.ts'

type Sealed = Pick<AccountDocument, '_id' | 't' | 'totp'>

export function placeOfSecret({ _id, t }: Pick<Sealed, '_id' | 't'>) {
  return { record: `${t}/$account/${_id}`, path: 'totp' }
}

/** Base32; '' where there is none. */
export function secretOf({ seals }: Pick<Store, 'seals'>, account: Sealed): string {
  return account.totp ? seals.open(placeOfSecret(account), account.totp.sealed) : ''
}

/** As it is stored. */
export function sealedSecret(
  { seals }: Pick<Store, 'seals'>,
  account: Pick<Sealed, '_id' | 't'>,
  secret: string,
): string {
  return seals.seal(placeOfSecret(account), secret)
}

/** A secret that counts for nothing until it is confirmed. False: one is confirmed already. */
export async function offerSecret(store: Store, account: AccountDocument, secret: string): Promise<boolean> {
  const filter = { _id: account._id, 'totp.confirmed': { $ne: true } }
  const totp = { sealed: sealedSecret(store, account, secret), confirmed: false }
  const { matchedCount } = await store.accounts.updateOne(filter, { $set: { totp } })
  return matchedCount === 1
}

/** With the first code that was right. False: another secret was offered meanwhile, or it is confirmed. */
export async function confirmSecret(
  { accounts }: Store,
  { _id, totp }: AccountDocument,
  { step, recovery }: { readonly step: number; readonly recovery: readonly string[] },
): Promise<boolean> {
  const sealed = totp?.sealed ?? ''
  const { matchedCount } = await accounts.updateOne(
    { _id, 'totp.sealed': sealed, 'totp.confirmed': false },
    { $set: { totp: { sealed, confirmed: true, last: step }, recovery } },
  )
  return matchedCount === 1
}

/** A code counts once (RFC 6238 5.2), and none of before it. */
export async function useStep({ accounts }: Store, { _id, totp }: AccountDocument, step: number): Promise<boolean> {
  const { matchedCount } = await accounts.updateOne(
    { _id, 'totp.sealed': totp?.sealed ?? '', 'totp.confirmed': true, 'totp.last': { $lt: step } },
    { $set: { 'totp.last': step } },
  )
  return matchedCount === 1
}

export async function useRecovery({ accounts }: Store, id: string, hash: string): Promise<boolean> {
  const { modifiedCount } = await accounts.updateOne({ _id: id, recovery: hash }, { $pull: { recovery: hash } })
  return modifiedCount === 1
}

export async function forgetSecondFactor({ accounts }: Store, id: string): Promise<void> {
  await accounts.updateOne({ _id: id }, { $unset: { totp: true, recovery: true } })
}
