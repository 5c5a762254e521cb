/** The clinic's own OpenID provider, with which people may sign in; none when no issuer is named. */
import { readFileSync } from 'node:fs'
import { StartError } from '../kernel/errors.ts'
import { isLoopback } from './values.ts'
import type { Values } from './values.ts'

export interface LoginConfig {
  readonly issuer: string
  readonly clientId: string
  /** none: the provider knows the gateway as a public client */
  readonly clientSecret: string | undefined
  readonly name: string
  /** one of these is demanded */
  readonly acr: readonly string[]
}

export function readLogin(value: Values): LoginConfig | undefined {
  const issuer = value('ISTHMUS_LOGIN_ISSUER')
  if (issuer === undefined) return undefined
  const clientId = value('ISTHMUS_LOGIN_CLIENT_ID')
  if (clientId === undefined) {
    throw new StartError(
      'ISTHMUS_LOGIN_CLIENT_ID is missing: say as what the provider in ISTHMUS_LOGIN_ISSUER knows us.',
    )
  }
  const file = value('ISTHMUS_LOGIN_CLIENT_SECRET_FILE')
  return {
    ...{ issuer: issuerOf(issuer), clientId, clientSecret: file === undefined ? undefined : secretIn(file) },
    ...{ name: value('ISTHMUS_LOGIN_NAME') ?? '', acr: value('ISTHMUS_LOGIN_ACR')?.split(/[\s,]+/) ?? [] },
  }
}

/** As it was written: an issuer is compared letter by letter (OpenID Connect Discovery 4.3). */
function issuerOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, ''))
  if ((url?.protocol === 'https:' || isPlain) && url?.search === '' && url.hash === '') return text
  throw new StartError('ISTHMUS_LOGIN_ISSUER is no address that begins with https://; copy it from the provider.')
}

function secretIn(file: string): string {
  let text = ''
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch {
    throw new StartError(`ISTHMUS_LOGIN_CLIENT_SECRET_FILE names ${file}, which cannot be read.`)
  }
  if (text !== '') return text
  throw new StartError(`ISTHMUS_LOGIN_CLIENT_SECRET_FILE names ${file}, which is empty.`)
}
