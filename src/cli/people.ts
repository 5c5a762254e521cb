/** What the commands about people share: what they read and refuse. */
import { readFileSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { StartError } from '../kernel/errors.ts'
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

/** The first line of standard input, so that no password stands in a process list or a shell's history. */
export function passwordFromInput(): string {
  if (process.stdin.isTTY) process.stderr.write('Password (it is shown; end with Enter and Ctrl-D): ')
  const [line = ''] = readFileSync(0, 'utf8').split(/\r?\n/)
  if (line === '')
    throw new StartError('No password came on standard input: printf %s "$PASSWORD" | isthmus user add …')
  return line
}
