/** Versions 8, 9 and 11: roles that are there get what came with the staff API. */
import type { Store } from '../collections.ts'
import type { Migration } from './migration.ts'

/** Permissions by the name of the role. */
type Added = Readonly<Record<string, readonly string[]>>

export const staffPermissions: Migration = {
  to: 8,
  title: 'Permissions of the staff API',
  run: (store) =>
    give(store, {
      admin: [
        ...['mappings:manage', 'jobs:manage', 'records:hold', 'records:erase'],
        // Nobody gives what they do not have: with these an administrator can make somebody a practitioner
        ...['launch:create', 'break-glass:use'],
      ],
      'privacy-officer': ['records:hold'],
    }),
}

export const settingsPermission: Migration = {
  to: 9,
  title: 'The permission to change the settings of the clinic',
  run: (store) => give(store, { admin: ['settings:manage'] }),
}

export const casesPermission: Migration = {
  to: 11,
  title: 'The permission to take second-opinion cases further',
  run: (store) => give(store, { admin: ['cases:manage'], practitioner: ['cases:manage'] }),
}

async function give({ roles, permissions, rolePermissions }: Store, added: Added): Promise<void> {
  for await (const { _id: role, name } of roles.find({ name: { $in: Object.keys(added) } })) {
    for (const permission of added[name] ?? []) {
      const given = { role, permission }
      await permissions.updateOne({ _id: permission }, { $setOnInsert: { _id: permission } }, { upsert: true })
      await rolePermissions.updateOne({ _id: `${role} ${permission}` }, { $setOnInsert: given }, { upsert: true })
    }
  }
}
