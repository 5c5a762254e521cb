/** The second-opinion app and its admin side put together, and where their keys are. */
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { OtherApi } from '../http/app.ts'
import { adminEndpoints } from '../staff/admin/endpoints.ts'
import { appEndpoints } from '../staff/app/endpoints.ts'
import type { AppKeys } from '../staff/app/keys.ts'
import { keptAppKeys, readAppKeys } from '../staff/app/keys.ts'
import { bannerNotify } from '../staff/app/notify.ts'
import type { ServeParts } from '../staff/app/serve.ts'
import { secondOpinionApi } from '../staff/app/serve.ts'

/** Undefined: neither is served. A gateway with services of its own makes keys once. */
export function appKeys({
  appKey,
  mongodbUri,
  dataDir,
}: Pick<Config, 'appKey' | 'mongodbUri' | 'dataDir'>): AppKeys | undefined {
  if (appKey !== undefined) return readAppKeys(appKey)
  return mongodbUri === undefined ? keptAppKeys(join(dataDir, 'app-keys.json')) : undefined
}

export function secondOpinions(
  config: Config,
  given: Omit<ServeParts, 'keys' | 'limits' | 'notify' | 'now'>,
): OtherApi[] {
  const parts = { ...given, keys: appKeys(config), limits: config.limits, notify: bannerNotify, now: () => new Date() }
  return [
    secondOpinionApi({ name: 'app', audience: 'snr_usr', endpoints: appEndpoints }, parts),
    secondOpinionApi({ name: 'admin', audience: 'snr_adm', endpoints: adminEndpoints }, parts),
  ]
}
