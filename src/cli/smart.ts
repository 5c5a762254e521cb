/** The authorization server put together, and how the FHIR API finds who calls. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import express from 'express'
import type { Caller } from '../access/caller.ts'
import { anybodyIn } from '../access/caller.ts'
import type { Config } from '../config/config.ts'
import type { FhirHandler } from '../http/answer.ts'
import { authenticator } from '../http/authentication.ts'
import type { Place } from '../http/authentication.ts'
import { fhirBase } from '../http/base.ts'
import { bearerFinder } from '../store/authorization.ts'
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

type CallerOf = (request: IncomingMessage, place: Place) => Promise<Caller>

/** `origin`: known as soon as the gateway listens. */
export function callerFinder({ auth }: Pick<Config, 'auth'>, store: Store, origin: () => string): CallerOf {
  if (auth === 'off') return (_request, { tenant }) => Promise.resolve(anybodyIn(tenant ?? 'default'))
  const authenticate = authenticator({
    find: bearerFinder(store),
    baseOf: (tenant) => fhirBase(origin(), tenant),
  })
  return (request, place) => authenticate(request, place)
}

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
