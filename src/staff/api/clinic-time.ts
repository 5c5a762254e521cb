/** Days as the clinic counts them: a day begins and ends at midnight on its wall. */
import { instantToWall, wallToInstant } from '../../mapping/codecs/time-zone.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { knownClinicSettings } from '../../store/clinic-settings.ts'
import type { ApiParts } from './parts.ts'

export const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** Moments; the last is not in it. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** What the clinic says itself (or said some seconds ago), or else what its sources are configured with. */
export async function clinicZone({ store, timeZoneOf }: ApiParts, tenant: string): Promise<string> {
  return (await knownClinicSettings(store, tenant)).timeZone ?? timeZoneOf(tenant)
}

export function assertZone(zone: string, field: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
  } catch {
    throw new GatewayError('GW_BAD_REQUEST', `${field} is no time zone: write one as Europe/Berlin.`, {
      expression: field,
    })
  }
}

/** `date`: YYYY-MM-DD */
export function spanOfDays(zone: string, date: string, days = 1): Span {
  const wall = Date.parse(`${date}T00:00:00Z`)
  return { from: wallToInstant(zone, wall), to: wallToInstant(zone, wall + days * DAY) }
}

export function dayAt(zone: string, instant: number): string {
  return new Date(instantToWall(zone, instant)).toISOString().slice(0, 10)
}

/** `2026-03-02T09:30:00Z`: a time is as long as its last digit, so milliseconds come only where there are some. */
export function instantText(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}
