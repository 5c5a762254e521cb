/** How large a query is, before anything of it is done: its depth, and how many fields and aliases it comes to. */
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql'
import { GatewayError } from '../../kernel/errors.ts'
import type { Limits } from '../../kernel/limits.ts'

type ShapeLimits = Pick<Limits, 'graphqlDepth' | 'graphqlFields' | 'graphqlAliases'>

interface Walk {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly limits: ShapeLimits
  fields: number
  aliases: number
}

/** Fragments count where they are used: a short text may ask for much. */
export function assertShape(document: DocumentNode, limits: ShapeLimits): void {
  const { definitions } = document
  const fragments = new Map(
    definitions.flatMap((each) => (each.kind === 'FragmentDefinition' ? [[each.name.value, each]] : [])),
  )
  const walk: Walk = { fragments, limits, fields: 0, aliases: 0 }
  for (const definition of definitions) {
    if (definition.kind === 'OperationDefinition') visit(definition.selectionSet, 1, walk)
  }
}

/** A fragment within itself ends at the depth. */
function visit({ selections }: SelectionSetNode, depth: number, walk: Walk): void {
  const { graphqlDepth, graphqlFields, graphqlAliases } = walk.limits
  if (depth > graphqlDepth) throw tooLarge(`is more than ${graphqlDepth} levels deep`)
  for (const selection of selections) {
    if (++walk.fields > graphqlFields) throw tooLarge(`has more than ${graphqlFields} fields`)
    if (selection.kind === 'FragmentSpread') {
      const fragment = walk.fragments.get(selection.name.value)
      if (fragment) visit(fragment.selectionSet, depth + 1, walk)
      continue
    }
    if (selection.kind === 'Field' && selection.alias && ++walk.aliases > graphqlAliases) {
      throw tooLarge(`has more than ${graphqlAliases} aliases`)
    }
    if (selection.selectionSet) visit(selection.selectionSet, depth + 1, walk)
  }
}

function tooLarge(what: string): GatewayError {
  return new GatewayError('GW_TOO_LARGE', `The query ${what}: ask for less at once.`)
}
