/**
 * Tokens of the app and its admin side: a JWT within AES-256-GCM, in hex: `<iv 12 bytes><ciphertext><tag 16 bytes>`. Its
 * `aud` says which of the two it is for, `sub` (or `id`) whose it is.
 *
 * Why a token is not good is told to nobody. Ciphers and signatures are compared by node in constant time; that several
 * keys are tried tells how many there are, and nothing of them.
 */
import { SignJWT, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'
import { decrypt, encrypt } from '../../seal/gcm.ts'
import type { AppKeys } from './keys.ts'

export type Audience = 'snr_usr' | 'snr_adm'

/** Of a token as hex; a JWT of ours has some 300 characters. */
const MOST_CHARACTERS = 16_384
const HEX = /^(?:[0-9a-f]{2})+$/i
/** As accounts are named: they become ids of patients, and are kept with what was written. */
const USER = /^[\w.@:+-]{1,64}$/

export interface TokenUser {
  readonly user: string
  readonly audience: Audience
}

export async function sealToken(
  { encryption, signature }: AppKeys,
  { user, audience }: TokenUser,
  seconds: number,
): Promise<string> {
  const signer = signature.find(({ sign }) => sign)
  const [key] = encryption
  if (!signer?.sign || !key) throw new Error('a key set has keys to encrypt and to sign with')
  const now = Math.floor(Date.now() / 1000)
  const jwt = await new SignJWT({ id: user })
    .setProtectedHeader({ alg: signer.algorithm, typ: 'JWT' })
    .setSubject(user)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + seconds)
    .sign(signer.sign)
  return encrypt(key, jwt).toString('hex')
}

/** Undefined: it is not good. */
export async function openToken(keys: AppKeys, text: string, audience: Audience): Promise<TokenUser | undefined> {
  if (text.length > MOST_CHARACTERS || !HEX.test(text)) return undefined
  const jwt = decrypted(keys, Buffer.from(text, 'hex'))
  const payload = jwt === undefined ? undefined : await verified(keys, jwt, audience)
  const user = payload && userIn(payload)
  return user === undefined ? undefined : { user, audience }
}

export function isUser(text: string): boolean {
  return USER.test(text)
}

function userIn({ sub, id }: JWTPayload): string | undefined {
  const named = [sub, id].filter((each) => each !== undefined).map(String)
  const [user = ''] = named
  return isUser(user) && named.every((each) => each === user) ? user : undefined
}

async function verified({ signature }: AppKeys, jwt: string, audience: Audience): Promise<JWTPayload | undefined> {
  for (const { algorithm, verify } of signature) {
    try {
      const options = { algorithms: [algorithm], audience, requiredClaims: ['exp'] }
      const { payload } = await jwtVerify(jwt, verify, options)
      return payload
    } catch {
      // another key may have made it
    }
  }
  return undefined
}

function decrypted({ encryption }: AppKeys, data: Buffer): string | undefined {
  for (const key of encryption) {
    const text = decrypt(key, data)
    if (text !== undefined) return text
  }
  return undefined
}
