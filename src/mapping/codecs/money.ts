/** `money`: number ↔ Money; the currency is the rule's `currency`, else left out, for no source names one (§0). */
import type { CodecDefinition, CodecOptions } from '../codec.ts'
import { refuseLoss } from './covers.ts'
import { readDecimal, storeDecimal } from './numeral.ts'

/** The option every codec of money has. */
export const moneyOptions = { currency: { type: 'string', pattern: '^[A-Z]{3}$' } }

/** What stands beside the value of a Money. */
export function moneyRest({ currency }: Pick<CodecOptions, string>): { readonly currency?: unknown } {
  return currency === undefined ? {} : { currency }
}

export const money: CodecDefinition = {
  name: 'money',
  types: ['Money'],
  fields: 1,
  options: moneyOptions,
  make(options) {
    const rest = moneyRest(options)
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
