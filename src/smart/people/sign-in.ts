/**
 * Signing in with e-mail and password. No answer tells whether an address is known, and none is quicker for it.
 */
import type { AccountDocument } from '../../store/accounts.ts'
import { findAccountByEmail } from '../../store/accounts.ts'
import type { Store } from '../../store/collections.ts'
import { isPassword, TooManyLogins } from './password.ts'

export interface Attempt {
  readonly tenant: string
  readonly email: string
  readonly password: string
}

export type SignIn =
  | { readonly kind: 'in'; readonly account: AccountDocument }
  /** the password is right; the code of the second factor is asked for next */
  | { readonly kind: 'code'; readonly account: string }
  | { readonly kind: 'wrong' }
  /** not looked at */
  | { readonly kind: 'later'; readonly seconds: number }

export async function signIn(store: Store, { tenant, email, password }: Attempt): Promise<SignIn> {
  const account = await findAccountByEmail(store, tenant, email)
  try {
    if (!(await isPassword(account?.password, password)) || !account || account.disabled) return { kind: 'wrong' }
  } catch (error) {
    if (error instanceof TooManyLogins) return { kind: 'later', seconds: 5 }
    throw error
  }
  return account.totp?.confirmed ? { kind: 'code', account: account._id } : { kind: 'in', account }
}
