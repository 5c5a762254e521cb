/** The ways to people: a mail server, and webhooks of whoever sends SMS and pushes for the clinic. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../kernel/errors.ts'
import { address } from './values.ts'
import type { Values } from './values.ts'

export interface ChannelsConfig {
  readonly mail: MailConfig | undefined
  readonly sms: WebhookConfig | undefined
  readonly push: WebhookConfig | undefined
  /** what has no other way is written there; none: such a channel is not there */
  readonly folder: string | undefined
}

export interface MailConfig {
  /** smtp or smtps, with name and password */
  readonly url: string
  /** `Clinic <no-reply@clinic.example>` */
  readonly from: string
}

export interface WebhookConfig {
  readonly url: string
  /** `whsec_…`, each of which signs: while one is changed for another the receiver may know either */
  readonly secrets: readonly string[]
}

const FROM = /^[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/
/** Standard Webhooks: 24 to 64 bytes */
const SECRET = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/
const SECRETS = 'ISTHMUS_WEBHOOK_SECRETS'

export function readChannels(value: Values, { demo, dataDir }: { demo: boolean; dataDir: string }): ChannelsConfig {
  const webhook = (name: string): WebhookConfig | undefined => {
    const url = address(name, value(name), ['http', 'https'])
    return url === undefined ? undefined : { url, secrets: secretsFor(name, value(SECRETS)) }
  }
  return {
    mail: readMail(value),
    sms: webhook('ISTHMUS_SMS_WEBHOOK'),
    push: webhook('ISTHMUS_PUSH_WEBHOOK'),
    folder: demo ? join(dataDir, 'messages') : undefined,
  }
}

function readMail(value: Values): MailConfig | undefined {
  const url = address('ISTHMUS_SMTP_URL', value('ISTHMUS_SMTP_URL'), ['smtp', 'smtps'])
  if (url === undefined) return undefined
  const from = value('ISTHMUS_MAIL_FROM')
  if (from !== undefined && FROM.test(from)) return { url, from }
  throw new StartError('ISTHMUS_MAIL_FROM must say who writes: The Clinic <no-reply@clinic.example>.')
}

function secretsFor(name: string, file: string | undefined): string[] {
  if (file === undefined) {
    throw new StartError(`${SECRETS} is missing: name the file with the secret that calls of ${name} are signed with.`)
  }
  const secrets = linesIn(file)
  if (secrets.length > 0 && secrets.every((secret) => SECRET.test(secret))) return secrets
  throw new StartError(`${SECRETS} names ${file}, whose lines must be whsec_ and 24 to 64 bytes in base64.`)
}

function linesIn(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split(/\s+/)
      .filter((line) => line !== '')
  } catch {
    throw new StartError(`${SECRETS} names ${file}, which cannot be read.`)
  }
}
