/** `decimal`: number, numeric text or Decimal128 ↔ decimal, digits kept. */
import type { CodecDefinition } from '../codec.ts'
import { readDecimal, storeDecimal } from './numeral.ts'

export const decimal: CodecDefinition = {
  name: 'decimal',
  types: ['decimal'],
  fields: 1,
  make: () => ({ read: readDecimal, write: storeDecimal }),
}
