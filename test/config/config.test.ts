import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { assertMayListen, readConfig } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/config.ts'

const systems = ['healthapi', 'hms', 'qivr', 'sop']
const read = (env: Environment) => readConfig(env, systems)

test('nothing needs to be configured: embedded services, loopback, demo content, one instance of each system', () => {
  const config = read({})
  expect(config).toMatchObject({
    mongodbUri: undefined,
    redisUrl: undefined,
    host: '127.0.0.1',
    port: 8080,
    demo: true,
  })
  expect(config.sources).toContainEqual({
    system: 'hms',
    database: 'hms',
    tenant: 'default',
    timeZone: 'UTC',
    jobs: expect.arrayContaining(['appointment-reminders', 'draft-reminders']) as unknown,
    storages: [],
  })
  expect(config.sources).toHaveLength(4)
  expect(Object.isFrozen(config)).toBe(true)
})

test('blank is absent', () => {
  expect(read({ PORT: ' ', MONGODB_URI: '', HMS_TIME_ZONE: '' })).toMatchObject({ port: 8080, mongodbUri: undefined })
})

test('a database of its own switches the demo off, unless it is asked for', () => {
  expect(read({ MONGODB_URI: 'mongodb://a,b/?replicaSet=r' }).demo).toBe(false)
  expect(read({ MONGODB_URI: 'mongodb://a', ISTHMUS_DEMO: 'TRUE' }).demo).toBe(true)
})

test('an address loses its last slash, a list its blanks', () => {
  const config = read({ PUBLIC_URL: 'https://fhir.clinic.example/', ISTHMUS_TRUSTED_PROXIES: '10.0.0.1, 10.0.0.2' })
  expect(config.publicUrl).toBe('https://fhir.clinic.example')
  expect(config.trustedProxies).toEqual(['10.0.0.1', '10.0.0.2'])
})

test('networks inside are called where they are named; the demo calls this machine', () => {
  expect(read({}).outboundNetworks).toEqual(['127.0.0.0/8', '::1/128'])
  expect(read({ ISTHMUS_DEMO: 'false' }).outboundNetworks).toEqual([])
  const named = read({ ISTHMUS_OUTBOUND_NETWORKS: '10.2.0.0/16, 192.168.7.9 fd00::/8' })
  expect(named.outboundNetworks).toEqual(['10.2.0.0/16', '192.168.7.9', 'fd00::/8'])
  for (const wrong of ['clinic.lan', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/8', '::/129']) {
    expect(() => read({ ISTHMUS_OUTBOUND_NETWORKS: wrong })).toThrow(`ISTHMUS_OUTBOUND_NETWORKS names "${wrong}"`)
  }
})

describe('the ways to people', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-config-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const secrets = (text: string): string => {
    const file = join(folder, 'secrets')
    writeFileSync(file, text)
    return file
  }
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`

  test('the demo writes messages into a folder; otherwise there are only those that are named', () => {
    const { channels, dataDir } = read({})
    expect(channels).toEqual({ mail: undefined, sms: undefined, push: undefined, folder: join(dataDir, 'messages') })
    expect(read({ ISTHMUS_DEMO: 'false' }).channels.folder).toBeUndefined()
  })

  test('a mail server needs somebody who writes', () => {
    const url = 'smtps://name:password@mail.clinic.example'
    expect(read({ ISTHMUS_SMTP_URL: url, ISTHMUS_MAIL_FROM: 'The Clinic <a@b.example>' }).channels.mail).toEqual({
      ...{ url, from: 'The Clinic <a@b.example>' },
    })
    for (const from of ['', 'The Clinic', 'a@b, c@d', 'A <a@b>\nBcc: c@d']) {
      expect(() => read({ ISTHMUS_SMTP_URL: url, ISTHMUS_MAIL_FROM: from })).toThrow('ISTHMUS_MAIL_FROM must say')
    }
  })

  test('a webhook needs a secret; while it is changed there are two', () => {
    const url = 'https://sms.example/send'
    const file = secrets(`${secret}\n${secret}\n`)
    const named = read({ ISTHMUS_SMS_WEBHOOK: url, ISTHMUS_WEBHOOK_SECRETS: file }).channels
    expect(named).toMatchObject({ sms: { url, secrets: [secret, secret] }, push: undefined })
    expect(() => read({ ISTHMUS_PUSH_WEBHOOK: url })).toThrow('ISTHMUS_WEBHOOK_SECRETS is missing')
    for (const text of ['', 'secret', 'whsec_c2hvcnQ=']) {
      const bad = { ISTHMUS_PUSH_WEBHOOK: url, ISTHMUS_WEBHOOK_SECRETS: secrets(text) }
      expect(() => read(bad)).toThrow('whose lines must be whsec_')
    }
    const missing = { ISTHMUS_SMS_WEBHOOK: url, ISTHMUS_WEBHOOK_SECRETS: join(folder, 'none') }
    expect(() => read(missing)).toThrow('cannot be read')
  })
})

test('the issuer of the clinic is taken letter by letter', () => {
  const env = { ISTHMUS_LOGIN_ISSUER: 'https://idp.clinic.example/realm/', ISTHMUS_LOGIN_CLIENT_ID: 'isthmus' }
  expect(read({}).login).toBeUndefined()
  expect(read({ ...env, ISTHMUS_LOGIN_ACR: 'gold, silver' }).login).toEqual({
    ...{ issuer: 'https://idp.clinic.example/realm/', clientId: 'isthmus', clientSecret: undefined },
    ...{ name: 'the clinic', acr: ['gold', 'silver'] },
  })
})

test.each<[Environment, RegExp]>([
  [{ PORT: 'http' }, /^PORT is "http", which is no port/],
  [{ PORT: '65536' }, /^PORT /],
  [{ PORT: '-1' }, /^PORT /],
  [{ MONGODB_URI: 'postgres://db' }, /^MONGODB_URI is not an address that begins with mongodb:\/\/… or mongodb\+srv/],
  [{ MONGODB_URI: 'mongodb://' }, /^MONGODB_URI /],
  [{ REDIS_URL: 'localhost:6379' }, /^REDIS_URL /],
  [{ PUBLIC_URL: 'ftp://x' }, /^PUBLIC_URL /],
  [{ ISTHMUS_AUTH: 'none' }, /^ISTHMUS_AUTH is "none"; it must be one of smart, off\.$/],
  [{ ISTHMUS_DEMO: 'yes' }, /^ISTHMUS_DEMO is "yes"/],
  [{ ISTHMUS_DATABASE: 'a.b' }, /^ISTHMUS_DATABASE is "a\.b"/],
  [{ ISTHMUS_DATABASE: 'hms' }, /^ISTHMUS_DATABASE is "hms", which is a source's database/],
  [{ HMS_TIME_ZONE: 'Asia/Atlantis' }, /^HMS_TIME_ZONE is "Asia\/Atlantis", which is no IANA time zone/],
  [{ SOP_DATABASE: 'qivr' }, /the database "qivr" twice/],
  [{ ISTHMUS_LOGIN_ISSUER: 'http://idp.clinic.example', ISTHMUS_LOGIN_CLIENT_ID: 'x' }, /^ISTHMUS_LOGIN_ISSUER is no/],
  [{ ISTHMUS_LOGIN_ISSUER: 'https://idp.clinic.example' }, /^ISTHMUS_LOGIN_CLIENT_ID is missing/],
  [
    {
      ...{ ISTHMUS_LOGIN_ISSUER: 'https://idp.clinic.example', ISTHMUS_LOGIN_CLIENT_ID: 'x' },
      ISTHMUS_LOGIN_CLIENT_SECRET_FILE: '/nowhere/secret',
    },
    /^ISTHMUS_LOGIN_CLIENT_SECRET_FILE names \/nowhere\/secret, which cannot be read\.$/,
  ],
  [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL is "loud"/],
])('%j stops the start in one sentence that names the variable', (env, sentence) => {
  expect(() => read(env)).toThrow(sentence)
})

test('no sentence repeats an address, since it may hold a password', () => {
  expect(() => read({ MONGODB_URI: 'mongo://admin:hunter2@db' })).toThrow(/^(?!.*hunter2)/)
})

const outside = { HOST: '0.0.0.0', MONGODB_URI: 'mongodb://db' }

test.each<[Environment, RegExp | undefined]>([
  [{}, undefined],
  [{ HOST: '::1' }, undefined],
  [{ MONGODB_URI: 'mongodb://db', ISTHMUS_AUTH: 'off' }, undefined],
  [{ HOST: '0.0.0.0', ISTHMUS_AUTH: 'off' }, /refused on HOST 0\.0\.0\.0/],
  [{ HOST: '127.clinic.example', ISTHMUS_AUTH: 'off' }, /refused on HOST/],
  [{ HOST: '0.0.0.0' }, /say ISTHMUS_DEMO=false/],
  [{ HOST: '0.0.0.0', MONGODB_URI: 'mongodb://db' }, /say in PUBLIC_URL/],
  [{ ...outside, PUBLIC_URL: 'http://fhir.clinic.example' }, /must begin with https/],
  [{ ...outside, PUBLIC_URL: 'https://clinic.example/fhir' }, /without a path/],
  [{ ...outside, PUBLIC_URL: 'https://fhir.clinic.example' }, /ISTHMUS_SIGNING_KEYS is missing/],
  [{ ISTHMUS_DEMO: 'false' }, /ISTHMUS_SIGNING_KEYS is missing/],
  [
    { ...outside, PUBLIC_URL: 'https://fhir.clinic.example', ISTHMUS_SIGNING_KEYS: 'keys.json' },
    /ISTHMUS_ENCRYPTION_KEYS is missing/,
  ],
  [
    {
      ...outside,
      PUBLIC_URL: 'https://fhir.clinic.example',
      ISTHMUS_SIGNING_KEYS: 'keys.json',
      ISTHMUS_ENCRYPTION_KEYS: 'seals.json',
    },
    undefined,
  ],
])(
  '%j may listen: without authorization or with demo accounts on loopback only, elsewhere with an address and keys of its own',
  (env, sentence) => {
    const listen = () => assertMayListen(read(env))
    if (sentence) expect(listen).toThrow(sentence)
    else listen()
  },
)
