/** Reads the environment once into a frozen object. A missing or bad value stops the start with one sentence. */
import { parse } from 'yaml'
import { StartError } from '../kernel/errors.ts'
import { variables } from './variables.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** One instance of a source system. */
export interface SourceConfig {
  readonly system: string
  readonly database: string
  readonly tenant: string
  readonly timeZone: string
  readonly jobs: readonly string[]
}

export interface Config {
  readonly mongodbUri: string | undefined
  readonly redisUrl: string | undefined
  readonly host: string
  readonly port: number
  readonly publicUrl: string | undefined
  readonly dataDir: string
  readonly demo: boolean
  /** undefined: nothing was said (see assertMayListen) */
  readonly auth: 'smart' | 'off' | undefined
  readonly canonicalBase: string
  readonly mappings: string
  readonly profiles: string
  readonly database: string
  readonly sources: readonly SourceConfig[]
  readonly trustedProxies: readonly string[]
  readonly logLevel: string
  /** where programs of embedded services are looked for and kept */
  readonly programs: { readonly path: string; readonly cacheHome: string | undefined }
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent']
const TENANT = /^[a-z0-9-]{1,63}$/

/** `systems` are the codes of the systems that have mappings. */
export function readConfig(env: Environment, systems: readonly string[]): Config {
  const value = (name: string): string | undefined => {
    const text = env[name]?.trim()
    return text ? text : variables.find((variable) => variable.name === name)?.default
  }
  const mongodbUri = uri('MONGODB_URI', value('MONGODB_URI'), ['mongodb:', 'mongodb+srv:'])
  return Object.freeze<Config>({
    mongodbUri,
    redisUrl: uri('REDIS_URL', value('REDIS_URL'), ['redis:', 'rediss:']),
    host: value('HOST') ?? '127.0.0.1',
    port: port(value('PORT')),
    publicUrl: uri('PUBLIC_URL', value('PUBLIC_URL'), ['http:', 'https:'])?.replace(/\/$/, ''),
    dataDir: value('ISTHMUS_DATA_DIR') ?? '.data',
    demo: flag('ISTHMUS_DEMO', value('ISTHMUS_DEMO'), mongodbUri === undefined),
    auth: auth(value('ISTHMUS_AUTH')),
    canonicalBase: (uri('ISTHMUS_CANONICAL_BASE', value('ISTHMUS_CANONICAL_BASE'), ['http:', 'https:']) ?? '').replace(
      /\/$/,
      '',
    ),
    mappings: value('ISTHMUS_MAPPINGS') ?? 'mappings',
    profiles: value('ISTHMUS_PROFILES') ?? 'profiles',
    database: value('ISTHMUS_DATABASE') ?? 'isthmus',
    sources: sources(value, systems),
    trustedProxies:
      value('ISTHMUS_TRUSTED_PROXIES')
        ?.split(',')
        .map((address) => address.trim()) ?? [],
    programs: { path: env['PATH'] ?? '', cacheHome: env['XDG_CACHE_HOME'] },
    logLevel: oneOf('LOG_LEVEL', value('LOG_LEVEL') ?? 'info', LOG_LEVELS),
  })
}

function uri(name: string, text: string | undefined, protocols: readonly string[]): string | undefined {
  if (text === undefined) return undefined
  const protocol = /^([a-z+]+:)\/\/[^/]/.exec(text)?.[1]
  if (protocol && protocols.includes(protocol)) return text
  throw new StartError(
    `${name} is not a ${protocols.map((each) => `${each}//…`).join(' or ')} address; correct it or leave it out.`,
  )
}

function port(text = '8080'): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= 65_535) return number
  throw new StartError(`PORT is "${text}", which is no port: give a number from 0 to 65535.`)
}

function flag(name: string, text: string | undefined, otherwise: boolean): boolean {
  if (text === undefined) return otherwise
  return oneOf(name, text.toLowerCase(), ['true', 'false']) === 'true'
}

function oneOf(name: string, text: string, allowed: readonly string[]): string {
  if (allowed.includes(text)) return text
  throw new StartError(`${name} is "${text}"; it must be one of ${allowed.join(', ')}.`)
}

/**
 * Whether the gateway may listen as configured. Until the authorization server is part of it, it runs without
 * authorization: by itself on loopback with embedded services, elsewhere only where that was said aloud.
 */
export function assertMayListen({ auth, host, mongodbUri }: Config): void {
  const loopback = host === 'localhost' || host === '::1' || host.startsWith('127.')
  const chosen = auth ?? (mongodbUri === undefined && loopback ? 'off' : undefined)
  if (chosen === undefined) {
    throw new StartError(
      'Authorization is not part of this release: say ISTHMUS_AUTH=off with HOST on loopback, or do not start it here.',
    )
  }
  if (chosen === 'smart') {
    throw new StartError(
      'ISTHMUS_AUTH=smart needs the authorization server, which comes with a later release; use off on loopback.',
    )
  }
  if (!loopback)
    throw new StartError(`ISTHMUS_AUTH=off is refused on HOST ${host}: without authorization listen on 127.0.0.1.`)
}

function auth(text: string | undefined): Config['auth'] {
  return text === undefined ? undefined : (oneOf('ISTHMUS_AUTH', text, ['smart', 'off']) as 'smart' | 'off')
}

function sources(value: (name: string) => string | undefined, systems: readonly string[]): SourceConfig[] {
  const written = value('ISTHMUS_SOURCES')
  const list = written === undefined ? systems.map((system) => ({ system })) : sourceList(written)
  const instances = list.map((each) => sourceConfig(each, value, systems))
  const twice = instances.find(
    (each, index) => instances.findIndex(({ database }) => database === each.database) !== index,
  )
  if (twice)
    throw new StartError(`ISTHMUS_SOURCES names the database "${twice.database}" twice; each instance needs its own.`)
  return instances
}

function sourceList(text: string): Partial<SourceConfig>[] {
  try {
    const list = parse(text) as unknown
    if (Array.isArray(list)) return list as Partial<SourceConfig>[]
  } catch {
    // falls through to the sentence below
  }
  throw new StartError('ISTHMUS_SOURCES is no YAML list of {system, database, tenant, timeZone, jobs}.')
}

function sourceConfig(
  { system = '', database, tenant = 'default', timeZone, jobs = [] }: Partial<SourceConfig>,
  value: (name: string) => string | undefined,
  systems: readonly string[],
): SourceConfig {
  if (!systems.includes(system)) {
    throw new StartError(`ISTHMUS_SOURCES names the system "${system}"; there are mappings for ${systems.join(', ')}.`)
  }
  if (!TENANT.test(tenant))
    throw new StartError(`ISTHMUS_SOURCES names the tenant "${tenant}"; use a-z, 0-9 and - only.`)
  const prefix = system.toUpperCase().replaceAll('-', '_')
  const zone = timeZone ?? value(`${prefix}_TIME_ZONE`) ?? 'UTC'
  checkZone(`${prefix}_TIME_ZONE`, zone)
  return { system, database: database ?? value(`${prefix}_DATABASE`) ?? system, tenant, timeZone: zone, jobs }
}

function checkZone(name: string, zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
  } catch {
    throw new StartError(`${name} is "${zone}", which is no IANA time zone (such as Asia/Kolkata).`)
  }
}
