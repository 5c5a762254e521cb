/** Nobody gives what they do not have themselves: roles to accounts, permissions to roles, scopes to apps. */
import { permissionsWithin, scopesIn } from '../../access/scope.ts'
import type { Caller } from '../../access/caller.ts'
import { GatewayError } from '../../kernel/errors.ts'

/** Throws 403, which names what is missing. Whoever has everything (authorization is off) may give everything. */
export function assertMayGive({ credential }: Caller, permissions: readonly string[]): void {
  if (!credential) return
  const within = new Set(permissionsWithin(permissions, credential.user?.permissions ?? []))
  const missing = permissions.filter((permission) => !within.has(permission))
  if (missing.length === 0) return
  throw new GatewayError(
    'GW_FORBIDDEN',
    `You cannot give what you do not have: ${missing.join(', ')}. Ask somebody who has it, or the operator (isthmus user).`,
  )
}

/** What programs can do by scopes without a person: the roles of people bound all others. */
export function permissionsInScope(scope: string): string[] {
  const records = scopesIn(scope).filter(({ level }) => level === 'system')
  const work = scope.split(' ').filter((word) => /^(clearance:|launch:create$)/.test(word))
  return [
    ...records.map(({ text }) => text.replace(/^.*?system\//, '').replace(/\.(read|write|\*)$/, letters)),
    ...work,
  ]
}

const VERSION_1: Readonly<Record<string, string>> = { '.read': '.rs', '.write': '.cud', '.*': '.cruds' }

function letters(end: string): string {
  return VERSION_1[end] ?? end
}
