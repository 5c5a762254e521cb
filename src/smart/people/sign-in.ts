/**
 * Signing in with e-mail and password. No answer tells whether an address is known, and none is quicker for it.
 *
 * Whoever is asked for a code next has shown the password: the caller remembers that for this browser alone, and gives
 * the account to second-factor.ts with the code.
 */
import type { AccountDocument } from '../../store/accounts.ts'
import { findAccountByEmail, emailKeyOf } from '../../store/accounts.ts'
import { deviceOf, withDevice } from './devices.ts'
import { isPassword, TooManyLogins } from './password.ts'
import type { People } from './people.ts'
import { mustHaveSecondFactor } from './people.ts'
import { passwordTurn } from './turns.ts'

/** What is known of the browser. */
export interface Browser {
  /** as clientAddressBy gives it */
  readonly address: string
  /** value of DEVICES_COOKIE */
  readonly devices?: string | undefined
}

export interface Attempt extends Browser {
  readonly tenant: string
  readonly email: string
  readonly password: string
}

/** The password, or the clinic's own provider. */
export type FirstMethod = 'pwd' | 'fed'
/** How it was shown who somebody is (RFC 8176; it has no word for another provider). */
export type Method = FirstMethod | 'otp' | 'mfa'

export interface SignedIn {
  readonly kind: 'in'
  readonly account: AccountDocument
  /** value for DEVICES_COOKIE, see devicesCookie */
  readonly devices: string
  /** `amr` of OpenID */
  readonly methods: readonly Method[]
}

/** Not looked at. */
export interface Later {
  readonly kind: 'later'
  readonly seconds: number
}

export type SignIn =
  | SignedIn
  /** so far it is right; the code of the second factor is asked for next */
  | { readonly kind: 'code'; readonly account: string; readonly first: FirstMethod }
  /** so far it is right; a second factor has to be set up first */
  | { readonly kind: 'enrol'; readonly account: string; readonly first: FirstMethod }
  | { readonly kind: 'wrong' }
  | Later

export async function signIn(people: People, attempt: Attempt): Promise<SignIn> {
  const { tenant, email, password } = attempt
  const account = await findAccountByEmail(people.store, tenant, email)
  const device = account && deviceOf(people.deviceKey, attempt.devices, account._id)
  const who = `${tenant}/${emailKeyOf(email)}`
  const turn = await passwordTurn(people.turns, { who, device, address: attempt.address })
  if (turn.later !== undefined) return { kind: 'later', seconds: turn.later }
  try {
    if (!(await isPassword(account?.password, password)) || !account || account.disabled) return { kind: 'wrong' }
  } catch (error) {
    if (error instanceof TooManyLogins) return { kind: 'later', seconds: 5 }
    throw error
  }
  await turn.wasRight()
  return afterFirst(people, account, attempt, { first: 'pwd', strong: false })
}

/** How somebody has begun to show who they are, and whether that is enough for everybody. */
interface First {
  readonly first: FirstMethod
  readonly strong: boolean
}

export async function afterFirst(
  people: People,
  account: AccountDocument,
  browser: Browser,
  { first, strong }: First,
): Promise<SignIn> {
  const asked = { account: account._id, first }
  if (!strong && account.totp?.confirmed) return { kind: 'code', ...asked }
  if (!strong && (await mustHaveSecondFactor(people, account._id))) return { kind: 'enrol', ...asked }
  return signedIn(people, account, browser, strong ? [first, 'mfa'] : [first])
}

export function signedIn(
  { deviceKey }: People,
  account: AccountDocument,
  { devices }: Browser,
  methods: readonly Method[],
): SignedIn {
  return { kind: 'in', account, devices: withDevice(deviceKey, devices, account._id), methods }
}
