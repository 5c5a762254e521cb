/** The first administrator of a gateway: somebody has to be able to let others in. Two gateways may start at once. */
import { StartError } from '../../kernel/errors.ts'
import { findAccountByEmail, insertAccount } from '../../store/accounts.ts'
import type { Store } from '../../store/collections.ts'
import { isGiven, rolesOf, setRoles } from '../../store/roles.ts'
import { assertRoles, newAccount } from './new-account.ts'
import { passwordFault } from './password.ts'

export interface FirstAdmin {
  readonly email: string | undefined
  /** undefined: no file with one is named */
  readonly password: string | undefined
}

const TENANT = 'default'
const ROLE = 'admin'

/** True: one was made. With an administrator there already, what is configured counts no more. */
export async function makeFirstAdmin(store: Store, { email, password }: FirstAdmin): Promise<boolean> {
  if (await isGiven(store, 'accounts:manage')) return false
  if (email === undefined || password === undefined) {
    throw new StartError(
      'There is no administrator: name one in ISTHMUS_ADMIN_EMAIL with ISTHMUS_ADMIN_PASSWORD_FILE, or run "isthmus user add --role admin".',
    )
  }
  const fault = passwordFault(password, email)
  if (fault !== undefined) throw new StartError(`${fault} Correct the file that ISTHMUS_ADMIN_PASSWORD_FILE names.`)
  await assertRoles(store, TENANT, [ROLE])
  await insertAccount(store, await newAccount({ tenant: TENANT, email, name: 'Administrator', password }))
  // It may be there: made by another gateway at this moment, or by a start that was killed here
  const account = await findAccountByEmail(store, TENANT, email)
  if (!account) throw new Error('the first administrator was not stored')
  const roles = await rolesOf(store, account._id)
  await setRoles(store, { account: account._id, tenant: TENANT }, [...new Set([...roles, ROLE])])
  return true
}
