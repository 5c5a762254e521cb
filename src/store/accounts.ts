/** Accounts: the people who sign in, of one tenant each. Their e-mail addresses are unique in it, however they are written. */
import type { ClientSession } from 'mongodb'
import type { Store } from './collections.ts'
import { isNew } from './failures.ts'

export interface AccountDocument {
  /** random; also `sub` of OpenID */
  readonly _id: string
  /** tenant */
  readonly t: string
  readonly email: string
  /** `email` trimmed, in lower case */
  readonly emailKey: string
  readonly name: string
  readonly language?: 'en' | 'ar'
  /** PHC string; none: signs in elsewhere only */
  readonly password?: string
  readonly totp?: TotpState
  /** hashes of the codes that stand in for a lost telephone */
  readonly recovery?: readonly string[]
  /** `Practitioner/hms-1`, `Patient/…`: fhirUser */
  readonly person?: string
  /** patients (ids) they may act for besides their own */
  readonly representing: readonly string[]
  readonly identities: readonly Identity[]
  readonly disabled: boolean
  readonly created: Date
}

export interface TotpState {
  /** the secret (second-factors.ts) */
  readonly sealed: string
  readonly confirmed: boolean
  /** step of the code that was used last: a code counts once */
  readonly last?: number
}

/** Who somebody is to the clinic's own OpenID provider. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
}

export function emailKeyOf(email: string): string {
  return email.normalize('NFC').trim().toLowerCase()
}

/** False: the tenant has an account of that e-mail address. */
export function insertAccount({ accounts }: Store, account: AccountDocument): Promise<boolean> {
  return isNew(accounts.insertOne(account), 'accounts')
}

export async function findAccount({ accounts }: Store, id: string): Promise<AccountDocument | undefined> {
  return (await accounts.findOne({ _id: id })) ?? undefined
}

/** Undefined: nobody, or nobody any more. */
export async function findActiveAccount(store: Store, id: string | undefined): Promise<AccountDocument | undefined> {
  const account = id === undefined ? undefined : await findAccount(store, id)
  return account?.disabled ? undefined : account
}

export async function findAccountByEmail(
  { accounts }: Store,
  tenant: string,
  email: string,
): Promise<AccountDocument | undefined> {
  return (await accounts.findOne({ t: tenant, emailKey: emailKeyOf(email) })) ?? undefined
}

export async function findAccountByIdentity(
  { accounts }: Store,
  tenant: string,
  { issuer, subject }: Identity,
): Promise<AccountDocument | undefined> {
  return (await accounts.findOne({ t: tenant, identities: { $elemMatch: { issuer, subject } } })) ?? undefined
}

/** What an invitation brings. False: the identity is another account's. */
export function bringToAccount(
  { accounts }: Store,
  id: string,
  { identity, ...others }: { readonly identity?: Identity; readonly password?: string; readonly person?: string },
): Promise<boolean> {
  const change = { $set: others, ...(identity && { $addToSet: { identities: identity } }) }
  return isNew(accounts.updateOne({ _id: id }, change), 'accounts')
}

export function listAccounts({ accounts }: Store, tenant: string): Promise<AccountDocument[]> {
  return accounts.find({ t: tenant }).sort({ emailKey: 1 }).toArray()
}

/** By e-mail address, a page of them: those after one, of those that begin so. */
export function pageOfAccounts(
  { accounts }: Store,
  tenant: string,
  { begin = '', after = '', limit }: { readonly begin?: string; readonly after?: string; readonly limit: number },
): Promise<AccountDocument[]> {
  const start = emailKeyOf(begin)
  // U+10FFFF follows whatever begins so
  const emailKey = { $gte: start, $lt: `${start}\u{10FFFF}`, $gt: after }
  return accounts.find({ t: tenant, emailKey }).sort({ emailKey: 1 }).limit(limit).toArray()
}

export async function setDisabled(
  { accounts }: Store,
  id: string,
  disabled: boolean,
  session?: ClientSession,
): Promise<void> {
  await accounts.updateOne({ _id: id }, { $set: { disabled } }, session && { session })
}

export async function setPassword({ accounts }: Store, id: string, password: string): Promise<void> {
  await accounts.updateOne({ _id: id }, { $set: { password } })
}
