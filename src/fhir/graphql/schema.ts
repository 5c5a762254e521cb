/**
 * The GraphQL schema of R4 (https://hl7.org/fhir/R4/graphql.html), made of the elements and search parameters that the rest
 * of the gateway is made of. Made when it is first asked for: about ten thousand fields.
 */
import type { GraphQLFieldConfig, GraphQLFieldConfigMap } from 'graphql'
import { GraphQLID, GraphQLInterfaceType, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLSchema } from 'graphql'
import { elementsOf, isPrimitive, isResourceType, resourceTypes } from '../../r4/elements.ts'
import type { ElementDefinition } from '../../r4/elements.ts'
import { parametersInUse } from '../../r4/search-parameters.ts'
import type { ParameterSet } from '../../r4/search-parameters.ts'
import { referrersOf } from '../search/reference-parameters.ts'
import { argumentsOfList, argumentsOfReference, argumentsOfSearch } from './arguments.ts'
import { connectionOf } from './connection.ts'
import { itemsOf } from './items.ts'
import { readResource } from './reading.ts'
import { resolveReference } from './reference.ts'
import type { Json, QueryContext } from './resource.ts'
import { typeNameOf } from './resource.ts'
import { scalarOf } from './scalars.ts'
import { searchConnection, searchList, searchReferrers } from './searching.ts'

type Field = GraphQLFieldConfig<Json, QueryContext>
type Given = Readonly<Record<string, unknown>>
type Fields = GraphQLFieldConfigMap<Json, QueryContext>

const schemas = new WeakMap<ParameterSet, GraphQLSchema>()

/** Of the search parameters that are in use now. */
export function graphqlSchema(): GraphQLSchema {
  const inUse = parametersInUse()
  const schema = schemas.get(inUse) ?? new SchemaMaker().schema()
  schemas.set(inUse, schema)
  return schema
}

/** Types refer to one another in circles: each is made once, its fields when all types are known. */
class SchemaMaker {
  readonly #types = new Map<string, GraphQLObjectType>()

  /** What every resource has; of a reference it is not known what it points at. */
  readonly #resource = new GraphQLInterfaceType({
    name: 'Resource',
    fields: () => ({ resourceType: { type: scalarOf('code') }, ...this.#elements('Resource') }),
    resolveType: (value: Json) => typeNameOf(String(value['resourceType'])),
  })

  schema(): GraphQLSchema {
    const fields: Fields = {}
    for (const type of resourceTypes) Object.assign(fields, this.#rootFields(type))
    const types = resourceTypes.map((type) => this.#object(type))
    // What validation would find is found by a test: it takes longer than making the schema
    return new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }), types, assumeValid: true })
  }

  #rootFields(type: string): Fields {
    const object = this.#object(type)
    const args = argumentsOfSearch(type)
    return {
      [type]: {
        type: object,
        args: { id: { type: new GraphQLNonNull(GraphQLID) } },
        resolve: (_source, { id }, context) => readResource(context, type, id as string),
      },
      [`${type}List`]: {
        type: new GraphQLList(object),
        args: args.list,
        resolve: (_source, given: Given, context) => searchList(context, type, given),
      },
      [`${type}Connection`]: {
        type: connectionOf(object),
        args: args.connection,
        resolve: (_source, given: Given, context) => searchConnection(context, type, given),
      },
    }
  }

  #object(type: string): GraphQLObjectType {
    const known = this.#types.get(type)
    if (known) return known
    const object = new GraphQLObjectType({
      name: typeNameOf(type),
      fields: () => this.#fields(type),
      interfaces: () => (isResourceType(type) ? [this.#resource] : []),
    })
    this.#types.set(type, object)
    return object
  }

  #fields(type: string): Fields {
    const fields = this.#elements(type)
    if (type === 'Reference') {
      fields['resource'] = { type: this.#resource, args: argumentsOfReference, resolve: resolveReference }
    }
    return isResourceType(type)
      ? { resourceType: { type: scalarOf('code') }, ...fields, ...this.#referrers(type) }
      : fields
  }

  #elements(type: string): Fields {
    const elements = [...(elementsOf(type)?.values() ?? [])]
    return Object.fromEntries(elements.flatMap((element) => this.#elementFields(element)))
  }

  /** A primitive has its extensions beside it (R4 json.html#primitive). */
  #elementFields(element: ElementDefinition): [string, Field][] {
    const { name, type, array } = element
    if (!isPrimitive(type)) return [[name, this.#complexField(element)]]
    const scalar = scalarOf(type)
    const own: [string, Field] = [name, { type: array ? new GraphQLList(scalar) : scalar }]
    if (name === 'id' || type === 'xhtml') return [own]
    const beside = this.#object('Element')
    return [own, [`_${name}`, { type: array ? new GraphQLList(beside) : beside }]]
  }

  #complexField({ name, type, array }: ElementDefinition): Field {
    const object = type === 'Resource' ? this.#resource : this.#object(type)
    if (!array) return { type: object }
    return { type: new GraphQLList(object), args: argumentsOfList(type), resolve: itemsOf(name) }
  }

  /** What points at a resource: `ObservationList(_reference: subject)`. */
  #referrers(type: string): Fields {
    const codes = Map.groupBy(referrersOf(type), (referrer) => referrer.type)
    return Object.fromEntries(
      [...codes.keys()].map((by): [string, Field] => [
        `${by}List`,
        {
          type: new GraphQLList(this.#object(by)),
          args: argumentsOfSearch(by).referrers,
          resolve: (source, given: Given, context) => searchReferrers(context, by, { ...given, source, type }),
        },
      ]),
    )
  }
}
