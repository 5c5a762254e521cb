/** Roles and permissions: what accounts may do. A change holds at once, for everybody who has the role. */
import { readPermission } from '../../../access/scope.ts'
import { GatewayError } from '../../../kernel/errors.ts'
import { accountsWith, changeAccess } from '../../../store/access-changes.ts'
import type { Store } from '../../../store/collections.ts'
import type { RoleDefinition } from '../../../store/roles.ts'
import { listPermissions as readPermissions, listRoles as readRoles, putRole } from '../../../store/roles.ts'
import { assertMayGive } from '../granting.ts'
import { actOf } from '../on-record.ts'
import type { ApiOperation, ApiRequest } from '../operation.ts'
import { ok } from '../operation.ts'

export const listRoles: ApiOperation = {
  async handle({ tenant }, { store, desk }) {
    await desk.haveRoles(tenant)
    return ok({ items: await readRoles(store, tenant) })
  },
}

export const createRole: ApiOperation = {
  async handle(request, { store, desk }) {
    const { tenant } = request
    await desk.haveRoles(tenant)
    const role = request.body as RoleDefinition
    await assertPermissions(store, role.permissions)
    assertMayGive(request.caller, role.permissions)
    const event = actOf(request, { kind: 'user', action: 'C', query: told(role) })
    await changeAccess(store, event, async (session) => {
      const there = await store.roles.findOne({ _id: `${tenant}/${role.name}` }, { session })
      if (there) throw new GatewayError('GW_CONFLICT', `There is a role ${role.name}: change that one, by PUT.`)
      await putRole(store, tenant, role, session)
      return []
    })
    return { status: 201, body: role }
  },
}

export const changeRole: ApiOperation = {
  async handle(request, { store, desk }) {
    const { tenant, path } = request
    await desk.haveRoles(tenant)
    const role = { name: path['name'] ?? '', ...(request.body as Omit<RoleDefinition, 'name'>) }
    const before = (await readRoles(store, tenant)).find(({ name }) => name === role.name)
    if (!before) throw new GatewayError('GW_NOT_FOUND', 'There is no such role: GET /api/roles lists them.')
    await assertPermissions(store, role.permissions)
    assertMayGive(
      request.caller,
      role.permissions.filter((each) => !before.permissions.includes(each)),
    )
    await changeAccess(store, changeEvent(request, role), async (session) => {
      await putRole(store, tenant, role, session)
      return accountsWith(store, [`${tenant}/${role.name}`], session)
    })
    return ok(role)
  },
}

export const listPermissions: ApiOperation = {
  async handle({ tenant }, { store, desk }) {
    await desk.haveRoles(tenant)
    const items = (await readPermissions(store)).map((permission) => ({
      permission,
      kind: readPermission(permission) ? 'records' : 'work',
    }))
    return ok({ items })
  },
}

function changeEvent(request: ApiRequest, role: RoleDefinition): ReturnType<typeof actOf> {
  return actOf(request, { kind: 'user', action: 'U', query: told(role) })
}

function told({ name, permissions }: RoleDefinition): string {
  return `role ${name}: ${permissions.join(' ')}`
}

/** Records by the end of a scope, work by a word that is known here. */
async function assertPermissions(store: Store, permissions: readonly string[]): Promise<void> {
  const known = new Set(await readPermissions(store))
  const wrong = permissions.find((permission) => !known.has(permission) && !readPermission(permission))
  if (wrong === undefined) return
  const says = `${wrong} is no permission: write Observation.rs for records, or one of GET /api/permissions.`
  throw new GatewayError('GW_UNPROCESSABLE', says, { expression: 'body.permissions' })
}
