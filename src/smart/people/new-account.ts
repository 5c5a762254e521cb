/** Making accounts: what commands, invitations, the demo and the first start share. */
import { randomBytes } from 'node:crypto'
import { StartError } from '../../kernel/errors.ts'
import type { AccountDocument } from '../../store/accounts.ts'
import { emailKeyOf, insertAccount } from '../../store/accounts.ts'
import type { Store } from '../../store/collections.ts'
import { roleNames, setRoles } from '../../store/roles.ts'
import { makeBuiltInRoles } from './built-in-roles.ts'
import { hashPassword } from './password.ts'

export interface NewAccount {
  readonly tenant: string
  readonly email: string
  readonly name?: string
  readonly roles: readonly string[]
  /** `Practitioner/hms-1` */
  readonly person?: string
  /** none: signs in with the clinic's own provider only */
  readonly password?: string
}

const EMAIL = /^[^\s@<>"]+@[^\s@<>"]+$/
const PERSON = /^(Patient|Practitioner|PractitionerRole|RelatedPerson|Person)\/[A-Za-z0-9\-.]{1,64}$/

/** Refuses in one sentence what cannot be an account. The password is the caller's to judge. */
export async function addAccount(store: Store, wish: NewAccount): Promise<AccountDocument> {
  const { tenant, roles } = wish
  await assertRoles(store, tenant, roles)
  const account = await newAccount(wish)
  if (!(await insertAccount(store, account))) {
    throw new StartError(`The tenant ${tenant} has an account ${account.email}; name another, or change that one.`)
  }
  await setRoles(store, { account: account._id, tenant }, roles)
  return account
}

/** Not stored yet, and without a role. */
export async function newAccount(wish: Omit<NewAccount, 'roles'>): Promise<AccountDocument> {
  const { tenant, email, password, person } = wish
  if (!EMAIL.test(email.trim()) || email.length > 254) throw new StartError(`"${email}" is no e-mail address.`)
  if (person !== undefined) assertPerson(person)
  return {
    ...{ _id: randomBytes(16).toString('hex'), t: tenant },
    ...{ email: email.trim(), emailKey: emailKeyOf(email), name: wish.name ?? email.trim() },
    ...(password !== undefined && { password: await hashPassword(password) }),
    ...(person !== undefined && { person }),
    ...{ representing: [], identities: [], disabled: false, created: new Date() },
  }
}

export function assertPerson(person: string): void {
  if (PERSON.test(person)) return
  throw new StartError(`"${person}" names no person; write Practitioner/hms-1 or Patient/hms-1.`)
}

export async function assertRoles(store: Store, tenant: string, roles: readonly string[]): Promise<void> {
  await makeBuiltInRoles(store, tenant)
  const known = await roleNames(store, tenant)
  const unknown = roles.find((role) => !known.includes(role))
  if (unknown === undefined) return
  throw new StartError(`There is no role ${unknown} in the tenant ${tenant}; there are ${known.join(', ')}.`)
}
