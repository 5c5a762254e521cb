/**
 * What accounts may do, as tables: roles and permissions, which roles an account has, which permissions a role has.
 *
 * A permission is text: `Observation.rs` for records, `accounts:manage` for work. A role without one gives nothing.
 */
import type { ClientSession } from 'mongodb'
import type { Store } from './collections.ts'

export interface RoleDocument {
  /** `<tenant>/<name>` */
  readonly _id: string
  readonly t: string
  readonly name: string
  readonly description: string
}

export interface PermissionDocument {
  /** the permission itself */
  readonly _id: string
}

export interface UserRoleDocument {
  /** `<account>/<role name>` */
  readonly _id: string
  readonly account: string
  /** `_id` of the role */
  readonly role: string
}

export interface RolePermissionDocument {
  /** `<tenant>/<role name> <permission>` */
  readonly _id: string
  readonly role: string
  readonly permission: string
}

export interface RoleDefinition {
  readonly name: string
  readonly description: string
  readonly permissions: readonly string[]
}

/** Leaves a role alone that is there. The role comes after its permissions: one that is there is whole. */
export async function makeRole(store: Store, tenant: string, definition: RoleDefinition): Promise<void> {
  const { name, description, permissions } = definition
  const role = `${tenant}/${name}`
  if (await store.roles.findOne({ _id: role })) return
  for (const permission of permissions) {
    await store.permissions.updateOne({ _id: permission }, { $setOnInsert: { _id: permission } }, { upsert: true })
    const given = { role, permission }
    await store.rolePermissions.updateOne({ _id: `${role} ${permission}` }, { $setOnInsert: given }, { upsert: true })
  }
  await store.roles.updateOne({ _id: role }, { $setOnInsert: { t: tenant, name, description } }, { upsert: true })
}

export async function roleNames({ roles }: Store, tenant: string): Promise<string[]> {
  const found = await roles.find({ t: tenant }).sort({ name: 1 }).toArray()
  return found.map(({ name }) => name)
}

/** The account has these roles of its tenant and no others. New ones come first: at no time it has none. */
export async function setRoles(
  { userRoles }: Store,
  { account, tenant }: { readonly account: string; readonly tenant: string },
  names: readonly string[],
  session?: ClientSession,
): Promise<void> {
  const within = session && { session }
  const wanted = names.map((name) => ({ _id: `${account}/${name}`, account, role: `${tenant}/${name}` }))
  for (const { _id, ...rest } of wanted) {
    await userRoles.updateOne({ _id }, { $setOnInsert: rest }, { ...within, upsert: true })
  }
  await userRoles.deleteMany({ account, _id: { $nin: wanted.map(({ _id }) => _id) } }, within)
}

export async function rolesOf({ userRoles }: Store, account: string): Promise<string[]> {
  const found = await userRoles.find({ account }).sort({ _id: 1 }).toArray()
  return found.map(({ role }) => role.slice(role.indexOf('/') + 1))
}

export async function permissionsOf({ userRoles, rolePermissions }: Store, account: string): Promise<string[]> {
  const roles = await userRoles.find({ account }).toArray()
  const given = await rolePermissions.find({ role: { $in: roles.map(({ role }) => role) } }).toArray()
  return [...new Set(given.map(({ permission }) => permission))].sort()
}

/** Is there anybody who may sign in and has this permission, in any tenant? */
export async function isGiven({ accounts, userRoles, rolePermissions }: Store, permission: string): Promise<boolean> {
  const roles = (await rolePermissions.find({ permission }).toArray()).map(({ role }) => role)
  const holders = (await userRoles.find({ role: { $in: roles } }).toArray()).map(({ account }) => account)
  const one = { _id: { $in: holders }, disabled: false }
  return (await accounts.findOne(one, { projection: { _id: 1 } })) !== null
}

export async function permissionsOfRole({ rolePermissions }: Store, tenant: string, name: string): Promise<string[]> {
  const given = await rolePermissions.find({ role: `${tenant}/${name}` }).toArray()
  return given.map(({ permission }) => permission).sort()
}

/** Of a tenant, by name. */
export async function listRoles({ roles, rolePermissions }: Store, tenant: string): Promise<RoleDefinition[]> {
  const found = await roles.find({ t: tenant }).sort({ name: 1 }).toArray()
  const given = await rolePermissions.find({ role: { $in: found.map(({ _id }) => _id) } }).toArray()
  const byRole = Map.groupBy(given, ({ role }) => role)
  return found.map(({ _id, name, description }) => {
    const permissions = (byRole.get(_id) ?? []).map(({ permission }) => permission)
    return { name, description, permissions: permissions.sort() }
  })
}

/** Those that a role was ever made with. */
export async function listPermissions({ permissions }: Store): Promise<string[]> {
  return (await permissions.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id)
}

/** The role is exactly this from now on, whether it was there or not. */
export async function putRole(
  store: Store,
  tenant: string,
  { name, description, permissions }: RoleDefinition,
  session: ClientSession,
): Promise<void> {
  const role = `${tenant}/${name}`
  const upsert = { session, upsert: true }
  for (const permission of permissions) {
    const given = { role, permission }
    await store.permissions.updateOne({ _id: permission }, { $setOnInsert: { _id: permission } }, upsert)
    await store.rolePermissions.updateOne({ _id: `${role} ${permission}` }, { $setOnInsert: given }, upsert)
  }
  await store.rolePermissions.deleteMany({ role, permission: { $nin: [...permissions] } }, { session })
  await store.roles.updateOne({ _id: role }, { $set: { t: tenant, name, description } }, upsert)
}

/** Names of roles by account. */
export async function rolesOfAll({ userRoles }: Store, accounts: readonly string[]): Promise<Map<string, string[]>> {
  const found = await userRoles
    .find({ account: { $in: [...accounts] } })
    .sort({ _id: 1 })
    .toArray()
  const nameIn = (role: string): string => role.slice(role.indexOf('/') + 1)
  const byAccount = Map.groupBy(found, ({ account }) => account)
  return new Map([...byAccount].map(([account, own]) => [account, own.map(({ role }) => nameIn(role))]))
}
