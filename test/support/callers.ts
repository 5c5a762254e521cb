/** Callers for tests: `Authorization: Bearer <name>` is whoever was named so; without it, anybody. */
import { anybodyIn } from '../../src/access/caller.ts'
import type { Credential } from '../../src/access/credential.ts'
import { permitOf } from '../../src/access/permit.ts'
import type { AppOptions } from '../../src/http/app.ts'

export type Tokens = Readonly<Record<string, Partial<Credential>>>

export function callersOf(tokens: Tokens): AppOptions['callerOf'] {
  return ({ headers }, { tenant }) => {
    const [, name = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
    if (headers.authorization === undefined) return Promise.resolve(anybodyIn(tenant))
    const credential = { tenant: 'default', client: name, scope: scopeIn(name), ...tokens[name] }
    return Promise.resolve({ permit: permitOf(credential), by: `client ${name}`, credential })
  }
}

/** A name that is no token is a scope of its own: `system/Observation.r`. */
function scopeIn(name: string): string {
  return name.includes('/') ? name : ''
}

export function bearer(name: string): { readonly headers: { readonly Authorization: string } } {
  return { headers: { Authorization: `Bearer ${name}` } }
}
