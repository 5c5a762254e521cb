/** `isthmus token`: one access token, for whoever holds the database anyway. */
import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { readScope } from '../access/scope.ts'
import { fhirBase } from '../http/base.ts'
import type { Config } from '../config/config.ts'
import { StartError } from '../kernel/errors.ts'
import { LIFETIMES } from '../smart/lifetimes.ts'
import { makeBuiltInRoles } from '../smart/people/built-in-roles.ts'
import { assertPerson } from '../smart/people/new-account.ts'
import type { TokenExtra } from '../smart/provider.ts'
import { keep } from '../store/authorization.ts'
import type { Store } from '../store/collections.ts'
import { permissionsOfRole } from '../store/roles.ts'
import { publicOrigin } from './services.ts'
import { putOnRecord } from './on-record.ts'
import { withStore } from './with-store.ts'

interface TokenOptions {
  readonly scope: string
  readonly patient?: string
  readonly user?: string
  readonly tenant: string
  readonly ttl: string
}

/** Whom versions and audit name for what is done with such a token. */
const CLIENT = 'isthmus-token'

export const tokenCommand = new Command('token')
  .description('print one access token for the FHIR API')
  .requiredOption('--scope <scopes>', 'SMART scopes, separated by spaces: "patient/*.rs"')
  .option('--patient <id>', 'whose record patient/ scopes are for')
  .option('--user <person>', 'who user/ scopes are for: Practitioner/hms-1')
  .option('--tenant <slug>', 'whose FHIR base it is for', 'default')
  .option('--ttl <seconds>', 'how long it is good for', String(LIFETIMES.AccessToken))
  .action((options: TokenOptions) =>
    withStore(async (store, config) => {
      process.stdout.write(`${await printedToken(store, config, options)}\n`)
    }),
  )

async function printedToken(store: Store, config: Config, options: TokenOptions): Promise<string> {
  const { scope, tenant } = options
  const seconds = /^\d{1,8}$/.test(options.ttl) ? Number(options.ttl) : 0
  if (seconds < 1) throw new StartError(`--ttl is "${options.ttl}"; give a number of seconds.`)
  assertScopes(options)
  const exp = Math.floor(Date.now() / 1000) + seconds
  const extra = await extraOf(store, options)
  const payload = {
    kind: 'AccessToken',
    clientId: CLIENT,
    scope,
    aud: fhirBase(publicOrigin(config), tenant),
    exp,
    extra,
  }
  const token = randomBytes(32).toString('base64url')
  const what =
    options.patient === undefined ? {} : { what: [{ p: [options.patient], n: [`Patient/${options.patient}`] }] }
  const query = `scope=${scope}${options.user === undefined ? '' : ` user=${options.user}`}`
  await putOnRecord(store, { tenant, kind: 'token', action: 'C', query, ...what })
  await keep(store, 'AccessToken', token, payload, seconds)
  return token
}

function assertScopes({ scope, patient, user }: TokenOptions): void {
  const scopes = scope.split(' ').map((text) => [text, readScope(text)?.level] as const)
  const wrong = scopes.find(([, level]) => level === undefined)
  if (wrong) throw new StartError(`"${wrong[0]}" is no scope for resources; write such as patient/Observation.rs.`)
  const levels = scopes.map(([, level]) => level)
  if (levels.includes('patient') && patient === undefined) throw new StartError('patient/ scopes need --patient <id>.')
  if (levels.includes('user') && user === undefined) throw new StartError('user/ scopes need --user Practitioner/<id>.')
}

async function extraOf(store: Store, { tenant, patient, user }: TokenOptions): Promise<TokenExtra> {
  const launch = patient === undefined ? {} : { patient }
  if (user === undefined) return { tenant, launch }
  assertPerson(user)
  const role = user.startsWith('Patient/') ? 'patient' : 'practitioner'
  await makeBuiltInRoles(store, tenant)
  const permissions = await permissionsOfRole(store, tenant, role)
  return { tenant, launch, user: { account: user, person: user, representing: [], permissions } }
}
