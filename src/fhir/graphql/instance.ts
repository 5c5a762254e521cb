/** A query that is asked of one resource: the same, with that resource around its selection. */
import { Kind } from 'graphql'
import type { DocumentNode, ExecutionResult, FieldNode, OperationDefinitionNode } from 'graphql'
import { GatewayError } from '../../kernel/errors.ts'

export function ofInstance(type: string, id: string): (document: DocumentNode) => DocumentNode {
  return (document) => ({
    ...document,
    definitions: document.definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? around(definition, type, id) : definition,
    ),
  })
}

/** What the resource's field gave is the answer. */
export function unwrapped({ data, errors }: ExecutionResult, type: string): ExecutionResult {
  return {
    ...(data !== undefined && { data: (data?.[type] as ExecutionResult['data']) ?? null }),
    ...(errors && { errors }),
  }
}

function around(operation: OperationDefinitionNode, type: string, id: string): OperationDefinitionNode {
  if (operation.operation !== 'query') {
    throw new GatewayError('GW_BAD_REQUEST', 'Only queries are done here: write with FHIR’s own interactions.')
  }
  const field: FieldNode = {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: type },
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: 'id' },
        value: { kind: Kind.STRING, value: id },
      },
    ],
    selectionSet: operation.selectionSet,
  }
  return { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: [field] } }
}
