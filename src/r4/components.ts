/** The parts of a composite parameter, with what kind of search each is (R4 search.html#combining). */
import { type SearchParameter, type SearchParameterType, searchParametersOf } from './search-parameters.ts'

export interface Component {
  /** The parameter whose values the part has. */
  readonly parameter: SearchParameter
  readonly type: SearchParameterType
  /** From the composite's element. */
  readonly expression: string
  /** Numbers and dates are ranges; all else is text of a key. */
  readonly kind: 'text' | 'n' | 'd'
}

const kinds: Readonly<Partial<Record<SearchParameterType, Component['kind']>>> = {
  token: 'text',
  string: 'text',
  reference: 'text',
  uri: 'text',
  number: 'n',
  quantity: 'n',
  date: 'd',
}

/** R4 names the parameters of the two parts of this one crosswise. */
const crosswise = 'http://hl7.org/fhir/SearchParameter/DocumentReference-relationship'

/** Undefined when they cannot be indexed together: a part that is composite itself or unknown, two dates, three numbers. */
export function componentsOf(composite: SearchParameter, resourceType: string): Component[] | undefined {
  const { components = [] } = composite
  const known = [...searchParametersOf(resourceType).values()]
  const urls = components.map(({ url }) => url)
  if (composite.url === crosswise) urls.reverse()
  const found = components.flatMap(({ expression }, index): Component[] => {
    const parameter = known.find((each) => each.url === urls[index])
    const kind = parameter && kinds[parameter.type]
    return kind ? [{ parameter, type: parameter.type, expression, kind }] : []
  })
  const ranges = found.map(({ kind }) => kind).filter((kind) => kind !== 'text')
  const fits = ranges.length < 2 || (ranges.length === 2 && ranges.every((kind) => kind === 'n'))
  return found.length > 1 && found.length === components.length && fits ? found : undefined
}
