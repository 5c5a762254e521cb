/** Codes of authenticator apps (RFC 6238), the picture such an app reads, and the codes that stand in for a lost one. */
import { createHash, randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { toString as qrCode } from 'qrcode'

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
export function pictureOf(address: string): Promise<string> {
  return qrCode(address, { type: 'svg', errorCorrectionLevel: 'M', margin: 2 })
}

function totpOf(secret: string, issuer = '', label = ''): TOTP {
  return new TOTP({ issuer, label, algorithm: 'SHA1', digits: 6, period: PERIOD, secret: Secret.fromBase32(secret) })
}

const RECOVERY_CODES = 10
const RECOVERY_BYTES = 10
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** 80 random bits each: nobody finds them from their hashes. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const letters = BigInt(`0x${randomBytes(RECOVERY_BYTES).toString('hex')}`)
      .toString(32)
      .padStart(16, '0')
    const code = Array.from(letters, (letter) => ALPHABET.charAt(parseInt(letter, 32))).join('')
    return code.match(/.{4}/g)?.join('-') ?? code
  })
}

/** However it was typed; undefined where it cannot be one. */
export function recoveryHash(typed: string): string | undefined {
  const code = typed.toLowerCase().replace(/[^a-z0-9]/g, '')
  return /^[a-z2-7]{16}$/.test(code) ? createHash('sha256').update(code).digest('base64url') : undefined
}
