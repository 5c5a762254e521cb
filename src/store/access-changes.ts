/**
 * Changes of who may do what in a tenant. They come one after the other, so that of two who take each other's rights away
 * one is refused: somebody who manages accounts is always left. On record in the same transaction.
 */
import type { ClientSession } from 'mongodb'
import { GatewayError } from '../kernel/errors.ts'
import type { AuditDocument } from './audit-documents.ts'
import { writeAudit } from './audit.ts'
import { revokeTokens } from './authorization.ts'
import type { Store } from './collections.ts'
import { inTransaction, withSession } from './transaction.ts'

/** Who has it can give themselves everything else. */
const MANAGING = 'accounts:manage'

/** `work` gives the accounts whose tokens and sessions end with it: what they may do is settled when those are issued. */
export async function changeAccess(
  store: Store,
  event: AuditDocument,
  work: (session: ClientSession) => Promise<readonly string[]>,
): Promise<void> {
  const { t: tenant } = event
  const touched = await withSession(store, (session) =>
    inTransaction(session, async () => {
      await takeTurn(store, tenant, session)
      const accounts = await work(session)
      await assertManaged(store, tenant, session)
      await writeAudit(store, [event], session)
      return accounts
    }),
  )
  for (const account of touched) await revokeTokens(store, { account })
}

/** Two transactions that write one document are never both committed at one moment. */
async function takeTurn({ counters }: Store, tenant: string, session: ClientSession): Promise<void> {
  await counters.updateOne({ _id: `access/${tenant}` }, { $inc: { n: 1 } }, { session, upsert: true })
}

async function assertManaged(store: Store, tenant: string, session: ClientSession): Promise<void> {
  const given = await store.rolePermissions.find({ permission: MANAGING }, { session }).toArray()
  const roles = given.map(({ role }) => role).filter((role) => role.startsWith(`${tenant}/`))
  const holders = await accountsWith(store, roles, session)
  const one = { _id: { $in: holders }, disabled: false }
  if (await store.accounts.findOne(one, { session, projection: { _id: 1 } })) return
  throw new GatewayError('GW_CONFLICT', `Nobody would be left with ${MANAGING}: give it to somebody else first.`)
}

/** `_id`s of accounts that have one of the roles. */
export async function accountsWith(
  { userRoles }: Store,
  roles: readonly string[],
  session: ClientSession,
): Promise<string[]> {
  const found = await userRoles.find({ role: { $in: [...roles] } }, { session }).toArray()
  return [...new Set(found.map(({ account }) => account))]
}
