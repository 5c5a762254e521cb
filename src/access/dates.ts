/**
 * Of which time a resource is, as a Consent asks it (`dataPeriod`): by the dates that its type is searched by. When it was
 * stored is not among them.
 */
import { searchParametersOf } from '../r4/search-parameters.ts'
import type { KeyTest } from './key-test.ts'
import type { Span } from './span.ts'

/** Who somebody is, is of no time. */
const PEOPLE = new Set(['Patient', 'Person', 'RelatedPerson', 'Practitioner'])
/** The first and last moment FHIR can write. */
const [FIRST, LAST] = [new Date('0001-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59.999Z')]

/** `none`: nothing of the type is of that time. */
export function dateTest(
  type: string,
  dates: (Span & { readonly isCertain: boolean }) | undefined,
): Pick<KeyTest, 'dates'> | 'none' {
  if (!dates) return {}
  if (PEOPLE.has(type)) return 'none'
  const { from, until, isCertain } = dates
  const codes = [...searchParametersOf(type).values()]
    .filter((each) => each.type === 'date' && each.code !== '_lastUpdated')
    .map(({ code }) => code)
  const span = {
    from: from === undefined ? FIRST : new Date(from),
    until: until === undefined ? LAST : new Date(until),
  }
  return { dates: { codes, ...span, isCertain } }
}
