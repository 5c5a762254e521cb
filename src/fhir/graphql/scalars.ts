/** The primitive types of FHIR as scalars: what is stored was checked when it was written, and goes out as it is. */
import { GraphQLBoolean, GraphQLInt, GraphQLScalarType, GraphQLString } from 'graphql'

const own = new Map<string, GraphQLScalarType>()

/** A decimal keeps its digits; whole numbers and booleans are GraphQL's own. */
export function scalarOf(type: string): GraphQLScalarType {
  if (type === 'boolean') return GraphQLBoolean
  if (type === 'integer' || type === 'positiveInt' || type === 'unsignedInt') return GraphQLInt
  if (type === 'string') return GraphQLString
  const known = own.get(type) ?? new GraphQLScalarType({ name: type, coerceOutputValue: (value) => value })
  own.set(type, known)
  return known
}
