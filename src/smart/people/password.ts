/**
 * Passwords: argon2id (RFC 9106) as a PHC string, with the parameters OWASP asks for (19 MiB, two passes, one lane).
 *
 * It runs on the threads of the process, few at once: each takes its memory, and files and names are read there too.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { GatewayError } from '../../kernel/errors.ts'

/** As many people wait for their login to be looked at that nobody else should begin. */
export class TooManyLogins extends GatewayError {
  constructor() {
    super('GW_BUSY', 'Too many people sign in at this moment; try again in a few seconds.')
  }
}

interface Hashed {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly nonce: Buffer
  readonly hash: Buffer
}

const USUAL = { memory: 19_456, passes: 2, parallelism: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32
const AT_ONCE = 2
const MOST_WAITING = 100
export const SHORTEST = 12
export const LONGEST = 256

const derive = promisify(argon2)
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{11,86})$/

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT_BYTES)
  const hash = await digest(password, { ...USUAL, nonce, hash: Buffer.alloc(HASH_BYTES) })
  const { memory, passes, parallelism } = USUAL
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(hash)}`
}

/** Nobody's hash costs what somebody's does: how long an answer takes does not tell whether there is an account. */
const nobody: Hashed = { ...USUAL, nonce: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) }

export async function isPassword(stored: string | undefined, password: string): Promise<boolean> {
  const hashed = (stored === undefined ? undefined : readPhc(stored)) ?? nobody
  const found = await digest(password, hashed)
  return timingSafeEqual(found, hashed.hash) && hashed !== nobody
}

/** One sentence that says why it cannot be used. Length is what helps (NIST SP 800-63B 3.1.1.2); no rules of its make. */
export function passwordFault(password: string, email: string): string | undefined {
  const characters = Array.from(password).length
  if (characters < SHORTEST) return `The password has fewer than ${SHORTEST} characters.`
  if (characters > LONGEST) return `The password has more than ${LONGEST} characters.`
  if (new Set(password).size < 5) return 'The password repeats a few characters only.'
  const name = email.split('@')[0]?.toLowerCase() ?? ''
  const bare = password.toLowerCase()
  if (name.length > 3 && bare.includes(name)) return 'The password contains the e-mail address.'
  return undefined
}

/** The same password, whatever keyboard composed its letters. */
function digest(password: string, { hash, ...parameters }: Hashed): Promise<Buffer> {
  const message = password.normalize('NFC')
  return inTurn(() => derive('argon2id', { ...parameters, message, tagLength: hash.length }))
}

function readPhc(text: string): Hashed | undefined {
  const [, memory, passes, parallelism, nonce, hash] = PHC.exec(text) ?? []
  if (nonce === undefined || hash === undefined) return undefined
  return {
    ...{ memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    ...{ nonce: Buffer.from(nonce, 'base64'), hash: Buffer.from(hash, 'base64') },
  }
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

const waiting: (() => void)[] = []
let atWork = 0

/** Whoever waits takes the place of one that is done. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (atWork < AT_ONCE) atWork++
  else if (waiting.length >= MOST_WAITING) throw new TooManyLogins()
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else atWork--
  }
}
