/**
 * Sealing values: AES-256-GCM under a key of the tenant, bound to the record and the place in it, so that a value that was
 * changed, or put anywhere else, does not open. A blind index (HMAC-SHA-256 under a key of the tenant and field) stands for
 * a value where equal ones must be found.
 *
 * A sealed value is one text: `1.<kid>.<iv, ciphertext, tag in base64url>`. All keys come of those of the ring by HKDF.
 */
import type { KeyObject } from 'node:crypto'
import { createHash, createHmac, createSecretKey, hkdfSync } from 'node:crypto'
import { GatewayError } from '../kernel/errors.ts'
import { KEY_BYTES, decrypt, encrypt } from './gcm.ts'

const VERSION = '1'
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
      const sealed = encrypt(derived('seal', first, tenantOf(place)), value, boundTo(place))
      return `${VERSION}.${first}.${sealed.toString('base64url')}`
    },
    open(place, sealed) {
      const [, kid = '', data = ''] = SEALED.exec(sealed) ?? []
      const key = derived('seal', kid, tenantOf(place))
      const value = decrypt(key, Buffer.from(data, 'base64url'), boundTo(place))
      if (value === undefined) throw changed(place)
      return value
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

type Derived = (purpose: 'seal' | 'blind' | 'audit', kid: string, ...names: readonly string[]) => KeyObject

/** RFC 5869; each once. */
function derivedKeys(keys: readonly SealKey[]): Derived {
  const known = new Map<string, KeyObject>()
  return (purpose, kid, ...names) => {
    const info = [`isthmus/${VERSION}`, purpose, ...names].join('\n')
    const name = `${kid}\n${info}`
    const there = known.get(name)
    if (there) return there
    const found = keys.find((key) => key.kid === kid)
    if (!found) throw missing(kid)
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', found.key, '', info, KEY_BYTES)))
    known.set(name, key)
    return key
  }
}

function tenantOf({ record }: Place): string {
  return record.slice(0, record.indexOf('/'))
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
