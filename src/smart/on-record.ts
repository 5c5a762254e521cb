/** Sign-ins, consents and their ends in the audit (docs/audit.md): before the answer goes out. */
import type { Credential } from '../access/credential.ts'
import { actEvent } from '../audit/act.ts'
import { addAudit } from '../store/audit.ts'
import type { Store } from '../store/collections.ts'

interface Person {
  readonly _id: string
  readonly t: string
  readonly person?: string
}

/** `account`: who it turned out to be; none: it was wrong. */
export function recordSignIn(
  store: Store,
  tenant: string,
  address: string,
  account: Person | undefined,
): Promise<void> {
  const who = account ? agentOf(account) : { name: 'unknown' }
  const status = account ? 200 : 401
  return addAudit(store, [actEvent({ tenant, kind: 'login', action: 'E', status, who: { ...who, address } })])
}

/** What somebody lets an app do. */
export function recordConsent(
  store: Store,
  { tenant, account, client, scope }: Readonly<Record<'tenant' | 'account' | 'client' | 'scope', string>>,
): Promise<void> {
  const who = { account, client }
  return addAudit(store, [actEvent({ tenant, kind: 'consent', action: 'C', who, query: `scope=${scope}` })])
}

/** A record system prepares the launch of an app, maybe with somebody's record. */
export function recordLaunch(
  store: Store,
  { tenant, client, user }: Pick<Credential, 'tenant' | 'client' | 'user'>,
  app: string,
  patient: string | undefined,
): Promise<void> {
  const who = {
    client,
    ...(user && { account: user.account, ...(user.person !== undefined && { person: user.person }) }),
  }
  const what = patient === undefined ? {} : { what: [{ p: [patient], n: [`Patient/${patient}`] }] }
  return addAudit(store, [actEvent({ tenant, kind: 'launch', action: 'E', who, query: `app=${app}`, ...what })])
}

/** Somebody takes it back. */
export function recordRevocation(store: Store, account: Person, client: string): Promise<void> {
  const who = { ...agentOf(account), client }
  return addAudit(store, [actEvent({ tenant: account.t, kind: 'revocation', action: 'D', who })])
}

function agentOf({ _id, person }: Person) {
  return { account: _id, ...(person !== undefined && { person }) }
}
