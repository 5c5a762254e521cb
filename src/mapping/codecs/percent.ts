/** `percent`: a number of hundredths (a tax of 17.5 %) ↔ the factor 0.175, digits kept. */
import type { CodecDefinition } from '../codec.ts'
import { rawJSON } from '../exact.ts'
import { fhirNumeral, numeralOf, readDecimal, storeDecimal } from './numeral.ts'

/** The point moved: dividing would make 0.07 of 7.000000000000001. */
function shifted(decimal: unknown, places: number): unknown {
  const [mantissa = '', power = '0'] = (fhirNumeral(decimal) ?? '').split('e')
  const numeral = numeralOf(`${mantissa}e${Number(power) + places}`)
  return numeral === undefined ? undefined : plain(numeral)
}

function plain(numeral: string): unknown {
  return String(Number(numeral)) === numeral ? Number(numeral) : rawJSON(numeral)
}

export const percent: CodecDefinition = {
  name: 'percent',
  types: ['decimal'],
  fields: 1,
  make: () => ({
    read: (stored) => shifted(readDecimal(stored), -2),
    write: (fhir, before) => storeDecimal(fhir === undefined ? undefined : shifted(fhir, 2), before),
  }),
}
