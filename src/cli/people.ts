/** What the commands about people share: what they read and refuse. */
import { readFileSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { StartError } from '../kernel/errors.ts'
import { passwordFault } from '../smart/people/password.ts'
import type { AccountDocument } from '../store/accounts.ts'
import { findAccountByEmail } from '../store/accounts.ts'
import type { Store } from '../store/collections.ts'
import { servedTenants } from '../store/served-tenants.ts'

export async function assertTenant(store: Store, { sources }: Config, tenant: string): Promise<void> {
  const configured = ['default', ...sources.map((source) => source.tenant)]
  if (await servedTenants(store, configured)(tenant)) return
  throw new StartError(`There is no tenant ${tenant}; there is default, and those that sources name.`)
}

export async function accountOf(store: Store, tenant: string, email: string): Promise<AccountDocument> {
  const account = await findAccountByEmail(store, tenant, email)
  if (account) return account
  throw new StartError(`The tenant ${tenant} has no account ${email}; "isthmus user list" shows those there are.`)
}

/** Their resource may be on its way: said, not refused. */
export async function warnOfNobody({ resources }: Store, tenant: string, person: string): Promise<void> {
  if (await resources.findOne({ _id: `${tenant}/${person}`, deleted: false }, { projection: { _id: 1 } })) return
  process.stderr.write(`There is no ${person} yet in the tenant ${tenant}: see that it is not misspelt.\n`)
}

/** The first line of standard input, so that no password stands in a process list or a shell's history. */
export function passwordFromInput(email: string): string {
  if (process.stdin.isTTY) process.stderr.write('Password (it is shown; end with Enter and Ctrl-D): ')
  const [line = ''] = readFileSync(0, 'utf8').split(/\r?\n/)
  if (line === '')
    throw new StartError('No password came on standard input: printf %s "$PASSWORD" | isthmus user add …')
  const fault = passwordFault(line, email)
  if (fault !== undefined) throw new StartError(fault)
  return line
}
