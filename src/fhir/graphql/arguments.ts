/** What fields take: search parameters with `_` for `-`, and the primitives of an element that repeats. */
import type { GraphQLFieldConfigArgumentMap } from 'graphql'
import { GraphQLBoolean, GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLString } from 'graphql'
import { elementsOf, isPrimitive } from '../../r4/elements.ts'
import { parametersInUse, searchParametersOf } from '../../r4/search-parameters.ts'
import type { ParameterSet } from '../../r4/search-parameters.ts'
import { isSearchable } from '../search/searchable.ts'
import { scalarOf } from './scalars.ts'

type Arguments = GraphQLFieldConfigArgumentMap

const text = { type: GraphQLString }
const count = { type: GraphQLInt }
const texts = { type: new GraphQLList(new GraphQLNonNull(GraphQLString)) }

export interface SearchArguments {
  readonly list: Arguments
  readonly connection: Arguments
  /** of what points at a resource: by which of its parameters */
  readonly referrers: Arguments
}

const ofSearches = new WeakMap<ParameterSet, Map<string, SearchArguments>>()

/** The name that GraphQL can spell. */
export function argumentName(code: string): string {
  return code.replaceAll('-', '_')
}

/** Several values of one parameter must all hold; a comma between values is an or, as in a search. */
export function argumentsOfSearch(type: string): SearchArguments {
  const inUse = parametersInUse()
  const made = ofSearches.get(inUse) ?? new Map<string, SearchArguments>()
  ofSearches.set(inUse, made)
  const known = made.get(type) ?? madeFor(type)
  made.set(type, known)
  return known
}

function madeFor(type: string): SearchArguments {
  const codes = [...searchParametersOf(type).values()].filter(isSearchable).map(({ code }) => code)
  const list = { ...Object.fromEntries(codes.map((code) => [argumentName(code), texts])), _count: count, _sort: text }
  return {
    list,
    connection: { ...list, _total: text, _cursor: text },
    referrers: { ...list, _reference: { type: new GraphQLNonNull(GraphQLString) } },
  }
}

export const argumentsOfReference: Arguments = { optional: { type: GraphQLBoolean }, type: text }

export function argumentsOfList(type: string): Arguments {
  const elements = [...(elementsOf(type)?.values() ?? [])].filter((element) => isPrimitive(element.type))
  const own = elements.map(({ name, type: primitive }) => [name, { type: scalarOf(primitive) }])
  return { ...(Object.fromEntries(own) as Arguments), _count: count, _offset: count }
}
