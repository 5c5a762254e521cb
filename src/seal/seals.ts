/**
 * Sealing values: AES-256-GCM under a key of the tenant, bound to the record and the place in it, so that a value that was
 * changed, or put anywhere else, does not open. A blind index (HMAC-SHA-256 under a key of the tenant and field) stands for
 * a value where equal ones must be found.
 *
 * A sealed value is one text: `1.<kid>.<iv, ciphertext, tag in base64url>`. All keys come of those of the ring by HKDF.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { GatewayError } from '../kernel/errors.ts'

export const KEY_BYTES = 32
const VERSION = '1'
const IV_BYTES = 12
const TAG_BYTES = 16
/** 96 bits: of a clinic's values no two have one by chance */
const BLIND_LENGTH = 16
const SEALED = /^1\.([\w-]{8})\.([\w-]+)$/

export interface SealKey {
  /** made of the key */
  readonly kid: string
  readonly key: Buffer
}

/** Where a value stands: it opens nowhere else. */
export interface Place {
  /** `<tenant>/<Type>/<id>`, in whichever collection */
  readonly record: string
  /** of the element: `identifier[1].value` */
  readonly path: string
}

export interface Seals {
  /** names of the keys; the first seals. None: nothing can be sealed or opened */
  readonly kids: readonly string[]
  seal(place: Place, value: string): string
  /** Throws a GatewayError where it cannot be. */
  open(place: Place, sealed: string): string
  /** What stands for the value in an index, under the key of the name. */
  blind(tenant: string, field: string, value: string, kid?: string): string
  /** HMAC-SHA-256 of the audit: only who has the key makes one that fits. */
  mark(tenant: string, text: string, kid?: string): string
}

export function nameOfKey(key: Buffer): string {
  return createHash('sha256').update('isthmus kid').update(key).digest('base64url').slice(0, 8)
}

/** Under which key it was sealed; undefined: it is not sealed. */
export function kidOf(sealed: string): string | undefined {
  return SEALED.exec(sealed)?.[1]
}

export function sealsOf(keys: readonly SealKey[]): Seals {
  const kids = keys.map(({ kid }) => kid)
  const derived = derivedKeys(keys)
  const [first] = kids
  return {
    kids,
    seal(place, value) {
      if (first === undefined) throw noKeys()
      return `${VERSION}.${first}.${encrypt(derived('seal', first, tenantOf(place)), place, value)}`
    },
    open(place, sealed) {
      const [, kid = '', data = ''] = SEALED.exec(sealed) ?? []
      return decrypt(derived('seal', kid, tenantOf(place)), place, Buffer.from(data, 'base64url'))
    },
    blind(tenant, field, value, kid = first) {
      if (kid === undefined) throw noKeys()
      const key = derived('blind', kid, tenant, field)
      return createHmac('sha256', key).update(value).digest('base64url').slice(0, BLIND_LENGTH)
    },
    mark(tenant, text, kid = first) {
      if (kid === undefined) throw noKeys()
      return createHmac('sha256', derived('audit', kid, tenant))
        .update(text)
        .digest('base64url')
    },
  }
}

/** A gateway without keys: what needs one is refused. */
export const noSeals: Seals = sealsOf([])

type Derived = (purpose: 'seal' | 'blind' | 'audit', kid: string, ...names: readonly string[]) => Buffer

/** RFC 5869; each once. */
function derivedKeys(keys: readonly SealKey[]): Derived {
  const known = new Map<string, Buffer>()
  return (purpose, kid, ...names) => {
    const info = [`isthmus/${VERSION}`, purpose, ...names].join('\n')
    const name = `${kid}\n${info}`
    const there = known.get(name)
    if (there) return there
    const found = keys.find((key) => key.kid === kid)
    if (!found) throw missing(kid)
    const key = Buffer.from(hkdfSync('sha256', found.key, '', info, KEY_BYTES))
    known.set(name, key)
    return key
  }
}

function tenantOf({ record }: Place): string {
  return record.slice(0, record.indexOf('/'))
}

/** NIST SP 800-38D: a new IV each time; the place is authenticated with it. */
function encrypt(key: Buffer, place: Place, value: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(boundTo(place))
  const text = Buffer.concat([iv, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return text.toString('base64url')
}

function decrypt(key: Buffer, place: Place, data: Buffer): string {
  if (data.length < IV_BYTES + TAG_BYTES) throw changed(place)
  const cipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
  cipher.setAAD(boundTo(place))
  cipher.setAuthTag(data.subarray(-TAG_BYTES))
  try {
    const text = cipher.update(data.subarray(IV_BYTES, -TAG_BYTES))
    return Buffer.concat([text, cipher.final()]).toString('utf8')
  } catch {
    throw changed(place)
  }
}

function boundTo({ record, path }: Place): Buffer {
  return Buffer.from(`${record}\n${path}`)
}

function noKeys(): GatewayError {
  return new GatewayError('GW_SEALED', 'The gateway has no keys to seal with: name them in ISTHMUS_ENCRYPTION_KEYS.')
}

function missing(kid: string): GatewayError {
  const named = kid === '' ? 'a key' : `the key ${kid}`
  return new GatewayError(
    'GW_SEALED',
    `A value is sealed with ${named} that the gateway does not have: add it to ISTHMUS_ENCRYPTION_KEYS again.`,
  )
}

/** Says where, for the log; never what. */
function changed({ path }: Place): GatewayError {
  return new GatewayError(
    'GW_SEALED',
    `The sealed value of ${path} does not open: it was changed or put there from elsewhere; restore it from a backup.`,
  )
}
