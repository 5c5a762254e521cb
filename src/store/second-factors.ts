/** What accounts hold of their second factor. Each change is one atomic step: of two at once, one wins. */
import type { AccountDocument } from './accounts.ts'
import type { Store } from './collections.ts'

/** A secret that counts for nothing until it is confirmed. False: one is confirmed already. */
export async function offerSecret({ accounts }: Store, id: string, secret: string): Promise<boolean> {
  const filter = { _id: id, 'totp.confirmed': { $ne: true } }
  const { matchedCount } = await accounts.updateOne(filter, { $set: { totp: { secret, confirmed: false } } })
  return matchedCount === 1
}

/** With the first code that was right. False: another secret was offered meanwhile, or it is confirmed. */
export async function confirmSecret(
  { accounts }: Store,
  id: string,
  { secret, step, recovery }: { readonly secret: string; readonly step: number; readonly recovery: readonly string[] },
): Promise<boolean> {
  const { matchedCount } = await accounts.updateOne(
    { _id: id, 'totp.secret': secret, 'totp.confirmed': false },
    { $set: { totp: { secret, confirmed: true, last: step }, recovery } },
  )
  return matchedCount === 1
}

/** A code counts once (RFC 6238 5.2), and none of before it. */
export async function useStep({ accounts }: Store, { _id, totp }: AccountDocument, step: number): Promise<boolean> {
  const { matchedCount } = await accounts.updateOne(
    { _id, 'totp.secret': totp?.secret ?? '', 'totp.confirmed': true, 'totp.last': { $lt: step } },
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
