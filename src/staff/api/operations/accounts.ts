/** Accounts: who may sign in, with which roles. Nobody's password is ever in a request or an answer here. */
import { GatewayError } from '../../../kernel/errors.ts'
import { changeAccess } from '../../../store/access-changes.ts'
import type { AccountDocument } from '../../../store/accounts.ts'
import { findAccount, pageOfAccounts, setDisabled } from '../../../store/accounts.ts'
import { addAudit } from '../../../store/audit.ts'
import type { Store } from '../../../store/collections.ts'
import { listRoles, rolesOf, rolesOfAll, setRoles } from '../../../store/roles.ts'
import { assertMayGive } from '../granting.ts'
import { actOf } from '../on-record.ts'
import type { ApiOperation, ApiRequest } from '../operation.ts'
import { ok } from '../operation.ts'
import type { ApiParts } from '../parts.ts'

export const listAccounts: ApiOperation = {
  async handle({ tenant, query }, { store }) {
    const {
      limit = 20,
      cursor,
      email: begin,
    } = query as Readonly<Record<'cursor' | 'email', string>> & {
      readonly limit?: number
    }
    const after = cursor === undefined ? '' : (await accountAt(store, tenant, cursor)).emailKey
    const found = await pageOfAccounts(store, tenant, { begin, after, limit: limit + 1 })
    const shown = found.slice(0, limit)
    const roles = await rolesOfAll(
      store,
      shown.map(({ _id }) => _id),
    )
    const items = shown.map((account) => viewOf(account, roles.get(account._id) ?? []))
    const last = found.length > limit ? shown.at(-1) : undefined
    return ok({ items, ...(last && { cursor: last._id }) })
  },
}

/** The last of the page before: its address of mail has no place in an URL. */
async function accountAt(store: Store, tenant: string, cursor: string): Promise<AccountDocument> {
  const account = await findAccount(store, cursor)
  if (account?.t === tenant) return account
  throw new GatewayError('GW_BAD_REQUEST', 'The cursor is of no account that is there: begin at the first page.')
}

export const getAccount: ApiOperation = {
  async handle(request, { store }) {
    return shownAs(store, await accountIn(request, store))
  },
}

interface Invitation {
  readonly email: string
  readonly name?: string
  readonly roles: readonly string[]
  readonly person?: string
}

export const inviteAccount: ApiOperation = {
  async handle(request, { store, desk, origin }) {
    const { tenant, body } = request
    const wish = body as Invitation
    await assertMayGiveRoles(request, { store, desk }, wish.roles)
    await assertIsThere(request, wish.person)
    await addAudit(store, [actOf(request, { kind: 'user', action: 'C', query: `invite: ${wish.roles.join(', ')}` })])
    const { path, expires } = await desk.invite({ tenant, ...wish })
    const kept = { email: wish.email, expires: expires.toISOString() }
    return { status: 201, body: { ...kept, link: origin() + path }, kept }
  },
}

export const setAccountRoles: ApiOperation = {
  async handle(request, { store, desk }) {
    const { roles } = request.body as { readonly roles: readonly string[] }
    const account = await accountIn(request, store)
    const before = await rolesOf(store, account._id)
    const added = roles.filter((role) => !before.includes(role))
    await assertMayGiveRoles(request, { store, desk }, added)
    const event = actOf(request, { kind: 'user', action: 'U', query: `roles ${roles.join(', ')}: ${account._id}` })
    await changeAccess(store, event, async (session) => {
      await setRoles(store, { account: account._id, tenant: request.tenant }, roles, session)
      return [account._id]
    })
    return shownAs(store, account)
  },
}

export const disableAccount = enabling(true)
export const enableAccount = enabling(false)

function enabling(disabled: boolean): ApiOperation {
  return {
    async handle(request, { store }) {
      const account = await accountIn(request, store)
      const query = `${disabled ? 'disable' : 'enable'}: ${account._id}`
      await changeAccess(store, actOf(request, { kind: 'user', action: 'U', query }), async (session) => {
        await setDisabled(store, account._id, disabled, session)
        return [account._id]
      })
      return shownAs(store, { ...account, disabled })
    },
  }
}

async function accountIn({ path, tenant }: ApiRequest, store: Store): Promise<AccountDocument> {
  const account = await findAccount(store, path['id'] ?? '')
  if (account?.t === tenant) return account
  throw new GatewayError('GW_NOT_FOUND', 'There is no such account: GET /api/accounts lists them.')
}

async function assertMayGiveRoles(
  { caller, tenant }: ApiRequest,
  { store, desk }: Pick<ApiParts, 'store' | 'desk'>,
  names: readonly string[],
): Promise<void> {
  await desk.haveRoles(tenant)
  const known = await listRoles(store, tenant)
  const unknown = names.find((name) => known.every((role) => role.name !== name))
  if (unknown !== undefined) {
    const there = known.map(({ name }) => name).join(', ')
    throw new GatewayError('GW_UNPROCESSABLE', `There is no role ${unknown}; there are ${there}.`)
  }
  const given = known.filter(({ name }) => names.includes(name))
  assertMayGive(
    caller,
    given.flatMap(({ permissions }) => permissions),
  )
}

/** Who somebody is to be, the caller must be able to see. */
async function assertIsThere({ records }: ApiRequest, person: string | undefined): Promise<void> {
  if (person === undefined) return
  const [type, id = ''] = person.split('/')
  try {
    await records.read(type as 'Patient' | 'Practitioner', id)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.status >= 500) throw error
    throw new GatewayError('GW_UNPROCESSABLE', `There is no ${person} that you can see.`, { expression: 'body.person' })
  }
}

async function shownAs(store: Store, account: AccountDocument): Promise<{ status: number; body: object }> {
  return { status: 200, body: viewOf(account, await rolesOf(store, account._id)) }
}

function viewOf(account: AccountDocument, roles: readonly string[]): object {
  const { _id: id, email, name, person, disabled, created, totp, password, identities } = account
  const ways = [...(password === undefined ? [] : ['password']), ...(identities.length === 0 ? [] : ['clinic'])]
  return {
    ...{ id, email, name, roles, disabled, signsInWith: ways, secondFactor: totp?.confirmed ?? false },
    ...(person !== undefined && { person }),
    created: created.toISOString(),
  }
}
