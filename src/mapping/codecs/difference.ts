/**
 * `difference`: fields `[amount, what goes off]` → Money, subtracted digit by digit (`0.30 - 0.10` is `0.20`); read only.
 * Without the first there is nothing; without the second nothing goes off.
 */
import type { CodecDefinition } from '../codec.ts'
import { rawJSON } from '../exact.ts'
import { moneyOptions, moneyRest } from './money.ts'
import { fhirNumeral, readDecimal } from './numeral.ts'

interface Scaled {
  readonly units: bigint
  /** digits behind the point */
  readonly scale: number
}

function scaled(stored: unknown): Scaled {
  const numeral = fhirNumeral(readDecimal(stored)) ?? '0'
  const [mantissa = '', power = '0'] = numeral.split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const places = fraction.length - Number(power)
  return { units: BigInt(whole + fraction) * 10n ** BigInt(Math.max(0, -places)), scale: Math.max(0, places) }
}

function subtract(from: Scaled, off: Scaled): unknown {
  const scale = Math.max(from.scale, off.scale)
  const units = raise(from, scale) - raise(off, scale)
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const point = digits.length - scale
  const text = `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
  return String(Number(text)) === text ? Number(text) : rawJSON(text)
}

function raise({ units, scale }: Scaled, to: number): bigint {
  return units * 10n ** BigInt(to - scale)
}

export const difference: CodecDefinition = {
  name: 'difference',
  types: ['Money'],
  fields: 2,
  options: moneyOptions,
  make(options) {
    const rest = moneyRest(options)
    return {
      read(stored) {
        const [amount, off] = stored as readonly unknown[]
        if (amount === null) return undefined
        return { value: off === null ? readDecimal(amount) : subtract(scaled(amount), scaled(off)), ...rest }
      },
    }
  },
}
