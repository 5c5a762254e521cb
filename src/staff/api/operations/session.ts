/** Who is signed in, and what they may do. */
import type { ApiOperation } from '../operation.ts'
import { ok } from '../operation.ts'

export const getSession: ApiOperation = {
  handle({ caller, tenant, csrf }) {
    const { user, client } = caller.credential ?? {}
    return Promise.resolve(
      ok({
        tenant,
        ...(csrf !== undefined && { csrf }),
        ...(user && { account: user.account, permissions: user.permissions }),
        ...(user?.person !== undefined && { person: user.person }),
        ...(client !== undefined && { client }),
      }),
    )
  },
}
