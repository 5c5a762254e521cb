/**
 * The numeral of a Decimal128 read from its bytes (IEEE 754-2008, binary integer decimal, least byte first).
 *
 * The driver's own toString takes 1.5 µs, more than all else a vital sign costs. Amounts of a clinic have few digits:
 * those of 48 bits without a positive exponent are read here, the rest by the driver.
 */

const BIAS = 6176
/** Zeros written out behind the point at most. */
const LONGEST_FRACTION = 40

/** `-12.50`, no `-0`; undefined when the driver must say it. */
export function shortDecimal(bytes: Uint8Array): string | undefined {
  for (let i = 6; i < 14; i++) if (bytes[i] !== 0) return undefined
  const top = bytes[15] as number
  const next = bytes[14] as number
  // 0x60: infinity, not a number, or a coefficient of another form; the last bit of `next` belongs to the coefficient
  if ((top & 0x60) === 0x60 || (next & 1) === 1) return undefined
  const places = BIAS - (((top & 0x7f) << 7) | (next >> 1))
  if (places < 0 || places > LONGEST_FRACTION) return undefined
  let coefficient = 0
  for (let i = 5; i >= 0; i--) coefficient = coefficient * 256 + (bytes[i] as number)
  const numeral = withPoint(String(coefficient), places)
  return top >= 0x80 && coefficient > 0 ? `-${numeral}` : numeral
}

function withPoint(digits: string, places: number): string {
  if (places === 0) return digits
  const padded = digits.padStart(places + 1, '0')
  return `${padded.slice(0, -places)}.${padded.slice(-places)}`
}
