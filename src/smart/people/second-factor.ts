/** The second step of signing in: a code of an authenticator app or a recovery code, and setting an app up. */
import { findAccount, findActiveAccount } from '../../store/accounts.ts'
import type { AccountDocument } from '../../store/accounts.ts'
import { confirmSecret, offerSecret, secretOf, useRecovery, useStep } from '../../store/second-factors.ts'
import { deviceOf } from './devices.ts'
import type { People } from './people.ts'
import { signedIn } from './sign-in.ts'
import type { Browser, FirstMethod, Later, SignedIn } from './sign-in.ts'
import { addressOf, newRecoveryCodes, newSecret, pictureOf, recoveryHash, stepOf } from './totp.ts'
import type { Turn } from './turns.ts'
import { codeTurn } from './turns.ts'

export interface CodeAttempt extends Browser {
  /** who has begun to sign in with this browser just now, and how */
  readonly account: string
  readonly first?: FirstMethod
  /** of the app, or a recovery code */
  readonly code: string
}

type Answer = SignedIn | { readonly kind: 'wrong' } | Later

export async function answerCode(people: People, attempt: CodeAttempt): Promise<Answer> {
  const { account, turn } = await begin(people, attempt)
  if (turn.later !== undefined) return { kind: 'later', seconds: turn.later }
  if (!account || !(await isCode(people, account, attempt.code))) return { kind: 'wrong' }
  await turn.wasRight()
  return enter(people, account, attempt)
}

function enter(people: People, account: AccountDocument, attempt: CodeAttempt): SignedIn {
  return signedIn(people, account, attempt, [attempt.first ?? 'pwd', 'otp', 'mfa'])
}

async function isCode({ store }: People, account: AccountDocument, code: string): Promise<boolean> {
  if (!account.totp?.confirmed) return false
  const step = stepOf(secretOf(store, account), code)
  if (step !== undefined) return useStep(store, account, step)
  const hash = recoveryHash(code)
  return hash !== undefined && useRecovery(store, account._id, hash)
}

/** What an authenticator app is told. */
export interface Enrolment {
  /** to be typed where no picture can be read */
  readonly secret: string
  readonly address: string
  /** SVG */
  readonly picture: string
}

/** A new secret; what was offered before and not confirmed counts no more. Undefined: there is a second factor. */
export async function beginEnrolment({ store, service }: People, id: string): Promise<Enrolment | undefined> {
  const account = await findAccount(store, id)
  const secret = newSecret()
  if (!account || !(await offerSecret(store, account, secret))) return undefined
  return enrolmentOf(secret, service, account)
}

/** What was offered last, to be shown again after a wrong code. */
export async function offeredEnrolment({ store, service }: People, id: string): Promise<Enrolment | undefined> {
  const account = await findAccount(store, id)
  return account?.totp && !account.totp.confirmed ? enrolmentOf(secretOf(store, account), service, account) : undefined
}

async function enrolmentOf(secret: string, service: string, { email }: AccountDocument): Promise<Enrolment> {
  const address = addressOf(secret, service, email)
  return { secret, address, picture: await pictureOf(address) }
}

export interface Enrolled {
  readonly signedIn: SignedIn
  /** to be shown once */
  readonly recovery: readonly string[]
}

/** The first code shows that the app has the secret; with it the person is in, and has codes for when it is lost. */
export async function confirmEnrolment(
  people: People,
  attempt: CodeAttempt,
): Promise<({ readonly kind: 'enrolled' } & Enrolled) | { readonly kind: 'wrong' } | Later> {
  const { account, turn } = await begin(people, attempt)
  if (turn.later !== undefined) return { kind: 'later', seconds: turn.later }
  const step = account?.totp && stepOf(secretOf(people.store, account), attempt.code)
  const recovery = newRecoveryCodes()
  const hashes = recovery.flatMap((code) => recoveryHash(code) ?? [])
  if (!account || step === undefined) return { kind: 'wrong' }
  if (!(await confirmSecret(people.store, account, { step, recovery: hashes }))) return { kind: 'wrong' }
  await turn.wasRight()
  return { kind: 'enrolled', signedIn: enter(people, account, attempt), recovery }
}

async function begin(
  { store, turns, deviceKey }: People,
  attempt: CodeAttempt,
): Promise<{ readonly account: AccountDocument | undefined; readonly turn: Turn }> {
  const turn = await codeTurn(turns, attempt.account, deviceOf(deviceKey, attempt.devices, attempt.account))
  return { account: await findActiveAccount(store, attempt.account), turn }
}
