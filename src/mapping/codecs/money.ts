/** `money`: number ↔ Money; the currency is the rule's `currency`, else left out, for no source names one (§0). */
import type { CodecDefinition } from '../codec.ts'
import { refuseLoss } from './covers.ts'
import { readDecimal, storeDecimal } from './numeral.ts'

export const money: CodecDefinition = {
  name: 'money',
  types: ['Money'],
  fields: 1,
  options: { currency: { type: 'string', pattern: '^[A-Z]{3}$' } },
  make({ currency }) {
    const rest = currency === undefined ? {} : { currency }
    return {
      read: (stored) => ({ value: readDecimal(stored), ...rest }),
      write(fhir, before) {
        if (fhir === undefined) return null
        const { value } = fhir as { value?: unknown }
        refuseLoss({ value, ...rest }, fhir, 'amount of money')
        return storeDecimal(value, before)
      },
    }
  },
}
