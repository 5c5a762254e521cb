/** The FHIR bases that tokens are for, one a tenant. */
import { FHIR_BASE, fhirBase } from '../http/base.ts'

export interface Bases {
  /** absolute, without a slash at the end */
  of(tenant: string): string
  /** The tenant whose base it is, with or without a slash at the end; undefined: nobody's. */
  tenantAt(url: string): Promise<string | undefined>
}

const SLUG = /^\/t\/([a-z0-9-]{1,63})$/

/** `hasTenant`: of other tenants than `default`. */
export function basesAt(origin: string, hasTenant: (slug: string) => Promise<boolean>): Bases {
  const isThere = async (slug: string): Promise<boolean> => slug === 'default' || (await hasTenant(slug))
  return {
    of: (tenant) => fhirBase(origin, tenant),
    async tenantAt(url) {
      const bare = url.endsWith('/') ? url.slice(0, -1) : url
      if (!bare.startsWith(origin) || !bare.endsWith(FHIR_BASE)) return undefined
      const place = bare.slice(origin.length, -FHIR_BASE.length)
      const slug = place === '' ? 'default' : SLUG.exec(place)?.[1]
      return slug !== undefined && (await isThere(slug)) ? slug : undefined
    },
  }
}
