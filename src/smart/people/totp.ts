/** Codes of authenticator apps (RFC 6238), the picture such an app reads, and the codes that stand in for a lost one. */
import { hash, randomInt } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'

const PERIOD = 30
const SECRET_BYTES = 20
/** a clock may be a step off, either way */
const WINDOW = 1

export function newSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32
}

/** Of the code, when it is one of now. */
export function stepOf(secret: string, code: string, now = Date.now()): number | undefined {
  const digits = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(digits)) return undefined
  const delta = totpOf(secret).validate({ token: digits, timestamp: now, window: WINDOW })
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD) + delta
}

/** `otpauth:` address; authenticator apps show `service` and `email`. */
export function addressOf(secret: string, service: string, email: string): string {
  return totpOf(secret, service, email).toString()
}

/** The address as a picture: SVG that a page shows by itself. */
export async function pictureOf(address: string): Promise<string> {
  const { toString: qrCode } = await import('qrcode')
  return qrCode(address, { type: 'svg', errorCorrectionLevel: 'M', margin: 2 })
}

function totpOf(secret: string, issuer = '', label = ''): TOTP {
  return new TOTP({ issuer, label, algorithm: 'SHA1', digits: 6, period: PERIOD, secret: Secret.fromBase32(secret) })
}

const RECOVERY_CODES = 10
const RECOVERY_GROUPS = 5

/** 66 random bits each, in digits: a page that asks for a code shows a telephone's keys for digits. */
export function newRecoveryCodes(): string[] {
  const group = (): string => String(randomInt(10_000)).padStart(4, '0')
  return Array.from({ length: RECOVERY_CODES }, () => Array.from({ length: RECOVERY_GROUPS }, group).join('-'))
}

/** However it was typed; undefined where it cannot be one. */
export function recoveryHash(typed: string): string | undefined {
  const code = typed.replace(/[\s-]/g, '')
  return /^\d{20}$/.test(code) ? hash('sha256', code, 'base64url') : undefined
}
