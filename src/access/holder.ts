/** Who uses a Permit: by whom Consents and confidentiality labels decide. */
import { callerName } from './caller-name.ts'
import type { Clearance } from './clearance.ts'
import { LEVELS } from '../r4/labels.ts'
import { isCleared } from './clearance.ts'
import type { Credential } from './credential.ts'
import type { Denial } from './denial.ts'
import { purposesOf } from './purpose.ts'

export interface Holder {
  readonly client: string
  readonly account?: string
  /** `Practitioner/1` */
  readonly person?: string
  readonly clearance: readonly Clearance[]
  /** what they read for; none: it is not known */
  readonly purposes?: readonly string[]
  /** manages apps, and so what they have subscribed to */
  readonly managesApps?: true
}

export function holderOf(credential: Credential, clearance: readonly Clearance[]): Holder {
  const { client, user } = credential
  const { account, person } = user ?? {}
  const purposes = purposesOf(credential)
  return {
    client,
    ...(account !== undefined && { account }),
    ...(person !== undefined && { person }),
    clearance,
    ...(purposes.length > 0 && { purposes }),
    ...(user?.permissions.includes('apps:manage') && { managesApps: true as const }),
  }
}

/** The patient whose own record they look at. */
export function ownPatient({ person }: Holder): string | undefined {
  return person?.startsWith('Patient/') ? person.slice('Patient/'.length) : undefined
}

/**
 * What labels hide. Patients see what is restricted in their own record, and what is very restricted is not for them
 * either; `opened`: patients whose record was opened in an emergency.
 */
export function labelDenials(holder: Holder, opened: readonly string[] = []): Denial[] {
  const own = ownPatient(holder)
  const except = { R: [...(own === undefined ? [] : [own]), ...opened], V: opened }
  return LEVELS.filter((level) => !isCleared(holder.clearance, level)).map((level) => ({
    level,
    ...(except[level].length > 0 && { except: except[level] }),
  }))
}

/** Beside Consents. */
export function ownDenials(holder: Holder, opened: readonly string[] = []): Denial[] {
  return [...labelDenials(holder, opened), ...othersSubscriptions(holder)]
}

/** A Subscription is its creator's alone: it tells what somebody is told of, and where. */
function othersSubscriptions({ client, account, managesApps }: Holder): Denial[] {
  return managesApps
    ? []
    : [{ types: ['Subscription'], but: [{ labels: [creatorLabel(callerName(client, account))] }] }]
}

/** In `meta.security` of what is its creator's alone. */
export function creatorLabel(by: string): { readonly system: string; readonly code: string } {
  return { system: CREATOR, code: by }
}

export const CREATOR = 'urn:isthmus:creator'
