/** Reads the environment once into a frozen object. A missing or bad value stops the start with one sentence. */
import { resolve } from 'node:path'
import { StartError } from '../kernel/errors.ts'
import { limitsFrom } from '../kernel/limits.ts'
import type { Limits } from '../kernel/limits.ts'
import { readChannels } from './channels.ts'
import type { ChannelsConfig } from './channels.ts'
import { readLogin } from './login.ts'
import type { LoginConfig } from './login.ts'
import { readFilesConfig } from './files.ts'
import type { FilesConfig } from './files.ts'
import type { ValidationPolicies } from '../kernel/validation-policy.ts'
import { readSources } from './sources.ts'
import type { SourceConfig } from './sources.ts'
import { readValidation } from './validation.ts'
import {
  address,
  databaseName,
  flag,
  isLoopback,
  listOf,
  networks,
  oneOf,
  port,
  valuesOf,
  wholeNumber,
} from './values.ts'
import type { Environment, Values } from './values.ts'

export type { SourceConfig } from './sources.ts'
export type { Environment } from './values.ts'

export interface Config {
  readonly mongodbUri: string | undefined
  readonly redisUrl: string | undefined
  readonly host: string
  readonly port: number
  readonly publicUrl: string | undefined
  /** where a worker says how it is; it does not when undefined */
  readonly probes: { readonly host: string; readonly port: number } | undefined
  readonly dataDir: string
  readonly demo: boolean
  readonly auth: 'smart' | 'off'
  /** JWKS file of the authorization server */
  readonly signingKeys: string | undefined
  /** file with the keys that seal what is stored */
  readonly encryptionKeys: string | undefined
  /** program that opens those of them that are wrapped */
  readonly keyCommand: string | undefined
  /** file with the keys of app tokens */
  readonly appKey: string | undefined
  /** made on the first start */
  readonly admin: { readonly email: string | undefined; readonly passwordFile: string | undefined }
  /** the clinic's own provider */
  readonly login: LoginConfig | undefined
  readonly canonicalBase: string
  readonly mappings: string
  readonly profiles: string
  /** folder of FHIR packages of others */
  readonly packages: string | undefined
  /** what becomes of writes that break rules */
  readonly validation: ValidationPolicies
  readonly database: string
  readonly sources: readonly SourceConfig[]
  readonly trustedProxies: readonly string[]
  /** the ways to people */
  readonly channels: ChannelsConfig
  /** inside, that may be called where others name them */
  readonly outboundNetworks: readonly string[]
  readonly logLevel: string
  /** `_text` and `_content` are served */
  readonly searchWords: boolean
  readonly files: FilesConfig
  readonly limits: Limits
  /** types of files that are taken: `image/*` */
  readonly fileTypes: readonly string[]
  /** where programs of embedded services are looked for and kept */
  readonly programs: { readonly path: string; readonly cacheHome: string | undefined }
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
const AUTH = ['smart', 'off'] as const
/** this machine */
const HERE = '127.0.0.0/8, ::1/128'

/** `systems` are the codes of the systems that have mappings. */
export function readConfig(env: Environment, systems: readonly string[]): Config {
  const value = valuesOf(env)
  const mongodbUri = address('MONGODB_URI', value('MONGODB_URI'), ['mongodb', 'mongodb+srv'])
  const dataDir = resolve(value('ISTHMUS_DATA_DIR') ?? '')
  const demo = flag('ISTHMUS_DEMO', value('ISTHMUS_DEMO'), mongodbUri === undefined)
  const database = databaseName('ISTHMUS_DATABASE', value('ISTHMUS_DATABASE') ?? '')
  return Object.freeze<Config>({
    mongodbUri,
    redisUrl: address('REDIS_URL', value('REDIS_URL'), ['redis', 'rediss']),
    host: value('HOST') ?? '',
    port: port('PORT', value('PORT') ?? ''),
    probes: probes(value),
    publicUrl: address('PUBLIC_URL', value('PUBLIC_URL'), ['http', 'https']),
    dataDir,
    demo,
    auth: oneOf('ISTHMUS_AUTH', value('ISTHMUS_AUTH') ?? '', AUTH),
    signingKeys: value('ISTHMUS_SIGNING_KEYS'),
    encryptionKeys: value('ISTHMUS_ENCRYPTION_KEYS'),
    keyCommand: value('ISTHMUS_KEY_COMMAND'),
    appKey: value('ISTHMUS_APP_KEY'),
    admin: { email: value('ISTHMUS_ADMIN_EMAIL'), passwordFile: value('ISTHMUS_ADMIN_PASSWORD_FILE') },
    login: readLogin(value),
    canonicalBase: address('ISTHMUS_CANONICAL_BASE', value('ISTHMUS_CANONICAL_BASE'), ['http', 'https']) ?? '',
    mappings: value('ISTHMUS_MAPPINGS') ?? '',
    profiles: value('ISTHMUS_PROFILES') ?? '',
    packages: value('ISTHMUS_PACKAGES'),
    validation: readValidation(value('ISTHMUS_VALIDATION')),
    database,
    sources: readSources(value, systems, { database, demo }),
    trustedProxies: listOf(value('ISTHMUS_TRUSTED_PROXIES')),
    channels: readChannels(value, { demo, dataDir }),
    outboundNetworks: networks('ISTHMUS_OUTBOUND_NETWORKS', value('ISTHMUS_OUTBOUND_NETWORKS') ?? (demo ? HERE : '')),
    programs: { path: env['PATH'] ?? '', cacheHome: value('XDG_CACHE_HOME') },
    logLevel: oneOf('LOG_LEVEL', value('LOG_LEVEL') ?? '', LOG_LEVELS),
    searchWords: flag('ISTHMUS_SEARCH_WORDS', value('ISTHMUS_SEARCH_WORDS'), false),
    fileTypes: fileTypes(value('ISTHMUS_FILE_TYPES')),
    files: readFilesConfig(value, dataDir),
    limits: limitsFrom(({ variable, least, most }) => wholeNumber(variable, value(variable) ?? '', least, most)),
  })
}

function probes(value: Values): Config['probes'] {
  const text = value('ISTHMUS_WORKER_PORT')
  return text === undefined
    ? undefined
    : { host: value('ISTHMUS_WORKER_HOST') ?? '', port: port('ISTHMUS_WORKER_PORT', text) }
}

/**
 * Whether the gateway may listen as configured: whoever can reach it from elsewhere meets an authorization server with
 * keys of its own, no demo accounts, and addresses that are his.
 */
export function assertMayListen(config: Config): void {
  const { auth, host, demo, publicUrl } = config
  const isLocal = isLoopback(host)
  if (auth === 'off') {
    if (isLocal) return
    throw new StartError(`ISTHMUS_AUTH=off is refused on HOST ${host}: without authorization listen on 127.0.0.1.`)
  }
  if (demo && !isLocal) {
    throw new StartError(`The demo is refused on HOST ${host}, since its passwords are known: say ISTHMUS_DEMO=false.`)
  }
  if (!isLocal && publicUrl === undefined) {
    throw new StartError(`HOST is ${host}: say in PUBLIC_URL under which address clients reach the gateway.`)
  }
  if (publicUrl !== undefined) assertPublic(new URL(publicUrl))
  if (!demo) assertHasKeys(config)
}

function assertHasKeys({ signingKeys, encryptionKeys }: Config): void {
  if (signingKeys === undefined) {
    throw new StartError('ISTHMUS_SIGNING_KEYS is missing: name a JWKS file, which "isthmus init" writes.')
  }
  if (encryptionKeys === undefined) {
    throw new StartError('ISTHMUS_ENCRYPTION_KEYS is missing: name a file of keys, which "isthmus init" writes.')
  }
}

/** Tokens and passwords go to it; the issuer of OpenID Connect is an origin here. */
export function assertPublic({ protocol, hostname, pathname }: URL): void {
  if (protocol !== 'https:' && !isLoopback(hostname.replace(/^\[|\]$/g, ''))) {
    throw new StartError('PUBLIC_URL must begin with https://, since passwords and tokens are sent there.')
  }
  if (pathname !== '/')
    throw new StartError('PUBLIC_URL must be an origin without a path: https://fhir.clinic.example.')
}

const FILE_TYPE = /^[a-z0-9!#$&^_.+-]+\/([a-z0-9!#$&^_.+-]+|\*)$|^\*\/\*$/

function fileTypes(text: string | undefined): string[] {
  const types = listOf(text?.toLowerCase())
  const wrong = types.find((type) => !FILE_TYPE.test(type))
  if (wrong === undefined) return types
  throw new StartError(`ISTHMUS_FILE_TYPES names "${wrong}"; write media types such as application/pdf or image/*.`)
}
