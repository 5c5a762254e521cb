/** Whose documents a query may see: ANDed into every one. */
import type { Filter } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import type { ResourceDocument } from './documents.ts'

export function permitFilter({ tenant }: Permit): { readonly t: string } {
  return { t: tenant }
}

/** The same in a form that indexes hold, so that counting looks at no document (`0` comes after `/`). */
export function permitRange({ tenant }: Permit): Filter<ResourceDocument> {
  return { tt: { $gte: `${tenant}/`, $lt: `${tenant}0` } }
}
