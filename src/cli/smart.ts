/** The authorization server put together. Only where there is one is this loaded, and all that it is made of. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import express from 'express'
import type { Config } from '../config/config.ts'
import type { FhirHandler } from '../http/answer.ts'
import type { Store } from '../store/collections.ts'
import { StartError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import { makeDemoAccounts } from '../smart/people/demo-accounts.ts'
import { makeFirstAdmin } from '../smart/people/first-admin.ts'
import { keptSigningKeys, readSigningKeys } from '../smart/signing-keys.ts'
import type { SigningKeys } from '../smart/signing-keys.ts'
import { createSmart } from '../smart/smart.ts'
import type { Smart } from '../smart/smart.ts'
import { demoApp } from './demo-app.ts'
import type { DemoApp } from './demo-app.ts'
import { recordsOf } from './launch-records.ts'

/** Those of the configuration; the demo makes its own once. */
export function signingKeys({ signingKeys: file, dataDir }: Config): Promise<SigningKeys> {
  return file === undefined ? keptSigningKeys(join(dataDir, 'signing-keys.json')) : readSigningKeys(file)
}

/** Somebody can sign in: the people of the demo, or the first administrator. */
async function preparePeople(config: Config, store: Store): Promise<void> {
  if (hasDemoPeople(config)) return makeDemoAccounts(store)
  const { email, passwordFile } = config.admin
  await makeFirstAdmin(store, { email, password: passwordFile === undefined ? undefined : lineIn(passwordFile) })
}

/** Never where a database of one's own is named (no demo user, client or key exists there). */
function hasDemoPeople({ demo, mongodbUri }: Config): boolean {
  return demo && mongodbUri === undefined
}

function lineIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? ''
  } catch {
    throw new StartError(`ISTHMUS_ADMIN_PASSWORD_FILE names ${file}, which cannot be read.`)
  }
}

interface SmartParts {
  readonly origin: string
  readonly keys: SigningKeys
  readonly fhir: FhirHandler
  readonly log: Logger
  readonly hasTenant: (slug: string) => Promise<boolean>
}

export async function smartService(
  config: Config,
  store: Store,
  { origin, hasTenant, keys, fhir, log }: SmartParts,
): Promise<Smart & Pick<DemoApp, 'links'>> {
  const { limits, login, trustedProxies } = config
  const demo = hasDemoPeople(config)
  await preparePeople(config, store)
  const records = recordsOf(fhir)
  const smart = await createSmart({
    ...{ store, origin, hasTenant, signingKeys: keys, limits, demo, login, trustedProxies, log, records },
  })
  if (!demo) return { ...smart, links: [] }
  const { router, links } = await demoApp(store, origin)
  return { ...smart, router: express.Router().use(router).use(smart.router), links }
}
