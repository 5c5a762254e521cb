/**
 * Large answers are packed for who unpacks them (RFC 9110 §12.5.3): a capability statement of a megabyte is a tenth of it
 * on its way. What is small is sent as it is; packing it would cost more than it spares.
 */
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import Negotiator from 'negotiator'

/** The smallest first. */
const PACKINGS = ['br', 'gzip'] as const
export type Packing = (typeof PACKINGS)[number]

/** Bytes from which on it is worth it. */
export const LARGE = 65_536

const withGzip = promisify(gzip)
const withBrotli = promisify(brotliCompress)

/** As quick as gzip, and smaller. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }

/** What was packed of bytes that are sent again. */
const packed = new WeakMap<Buffer, Map<Packing, Promise<Buffer>>>()

/** Of what the client accepts, what is smallest; undefined: nothing. */
export function packingFor(accepted: string | undefined): Packing | undefined {
  const taken = new Negotiator({ headers: { 'accept-encoding': accepted ?? '' } }).encodings([...PACKINGS])
  return PACKINGS.find((each) => taken.includes(each))
}

export function pack(content: string | Buffer, packing: Packing): Promise<Buffer> {
  if (typeof content === 'string') return packOnce(content, packing)
  const known = packed.get(content) ?? new Map<Packing, Promise<Buffer>>()
  packed.set(content, known)
  const bytes = known.get(packing) ?? packOnce(content, packing)
  known.set(packing, bytes)
  return bytes
}

function packOnce(content: string | Buffer, packing: Packing): Promise<Buffer> {
  return packing === 'br' ? withBrotli(content, BROTLI) : withGzip(content)
}
