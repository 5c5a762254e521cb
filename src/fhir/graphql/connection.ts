/** `PatientConnection`: a search with its pages (https://hl7.org/fhir/R4/graphql.html#searching). */
import { GraphQLFloat, GraphQLInt, GraphQLList, GraphQLObjectType, GraphQLString } from 'graphql'

const text = { type: GraphQLString }
const whole = { type: GraphQLInt }

export function connectionOf(resource: GraphQLObjectType): GraphQLObjectType {
  const edge = new GraphQLObjectType({
    name: `${resource.name}Edge`,
    fields: { mode: text, score: { type: GraphQLFloat }, resource: { type: resource } },
  })
  return new GraphQLObjectType({
    name: `${resource.name}Connection`,
    fields: {
      count: { ...whole, description: 'How many fit, where that is known.' },
      pagesize: whole,
      first: { ...text, description: 'A _cursor: the first page of the same moment.' },
      previous: text,
      next: text,
      edges: { type: new GraphQLList(edge) },
    },
  })
}
