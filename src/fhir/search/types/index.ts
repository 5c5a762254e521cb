/** The types of search parameter there are, and the modifiers each parameter takes. */
import { valueTypesOf } from '../../../r4/parameter-values.ts'
import type { SearchParameter, SearchParameterType } from '../../../r4/search-parameters.ts'
import type { Find, SearchType } from '../lookup.ts'
import { AROUND, wholeTypes } from '../part-of.ts'
import { composite } from './composite.ts'
import { date } from './date.ts'
import { near } from './near.ts'
import { number, quantity } from './number.ts'
import { ownFields } from './own-fields.ts'
import { ofType, reference } from './reference.ts'
import { string } from './string.ts'
import { token } from './token.ts'
import { uri } from './uri.ts'
import { words } from './words.ts'

const types: Readonly<Partial<Record<SearchParameterType, SearchType>>> = {
  token,
  string,
  reference,
  uri,
  date,
  number,
  quantity,
  composite,
}

/** Those whose values are of no type: fields of the document, words, places. */
const byCode: Readonly<Record<string, SearchType>> = { ...ownFields, _text: words, _content: words, near }

export function searchTypeOf({ code, type }: SearchParameter): SearchType | undefined {
  return byCode[code] ?? types[type]
}

/** What some modifiers need the values to be: a code alone has no text, and only an identifier has a type. */
const needs: Readonly<Record<string, readonly string[]>> = {
  text: ['CodeableConcept', 'Coding', 'Identifier'],
  'of-type': ['Identifier'],
  identifier: ['Reference'],
}

/** The modifiers of a parameter of a resource type, in the order they are told in. */
export function modifiersOf(parameter: SearchParameter, resourceType: string): string[] {
  const type = searchTypeOf(parameter)
  if (!type) return []
  if (parameter.type === 'composite') return ['missing']
  const values = valueTypesOf(parameter, resourceType)
  const own = Object.keys(type.modifiers).filter((name) => needs[name]?.some((each) => values.has(each)) ?? true)
  const isCoded = ['CodeableConcept', 'Coding', 'code'].some((each) => values.has(each))
  const sets = isCoded ? (type.sets ?? []) : []
  const targets = values.has('Reference') ? (parameter.target ?? []) : []
  const around = targets.length > 0 && wholeTypes(parameter).length > 0 ? AROUND : []
  return ['missing', ...(type.negatable ? ['not'] : []), ...own, ...sets, ...around, ...targets]
}

/** How a value is looked up; `:missing` and `:not` concern all values together (predicate.ts). */
export function findOf(parameter: SearchParameter, modifier: string | undefined): Find | undefined {
  const type = searchTypeOf(parameter)
  if (modifier === undefined || modifier === 'not') return type?.find
  return type?.modifiers[modifier] ?? type?.operators?.[modifier] ?? ofType(modifier)
}
