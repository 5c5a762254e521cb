/** The key of a version: its number has so many digits that text sorts as numbers do. */
import type { Permit } from '../access/permit.ts'

export const VERSION_DIGITS = 10

export function versionId(permit: Pick<Permit, 'tenant'>, type: string, id: string, version: number): string {
  return versionKey(`${permit.tenant}/${type}/${id}`, version)
}

/** `resource`: its `_id` */
export function versionKey(resource: string, version: number): string {
  return `${resource}/${String(version).padStart(VERSION_DIGITS, '0')}`
}
