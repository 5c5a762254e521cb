/** The plain REST APIs put together: what they read and write with, and who may ask. */
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { OtherApi } from '../http/app.ts'
import type { ApiOptions } from '../staff/api/api.ts'
import { staffApi } from '../staff/api/api.ts'
import { readContract } from '../staff/api/contract.ts'
import { home } from './context.ts'
import { zoneOf } from './sources.ts'
import { staffDesk } from './staff-desk.ts'

/** What is told by the configuration. */
export type StaffConfig = Pick<Config, 'canonicalBase' | 'sources'>
export type StaffOptions = Omit<ApiOptions, 'contract' | 'desk' | 'base' | 'timeZoneOf'>

export async function staffApiFor(
  { canonicalBase: base, sources }: StaffConfig,
  options: StaffOptions,
): Promise<OtherApi> {
  const contract = await readContract(join(home, 'openapi.yaml'), '/api')
  const timeZoneOf = (tenant: string): string => zoneOf(sources, tenant)
  return staffApi({ ...options, contract, desk: staffDesk(options.store), base, timeZoneOf })
}
