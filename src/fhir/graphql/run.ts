/** A GraphQL query from its text to its answer: parsed, measured, checked against the schema, done. */
import type { DocumentNode, ExecutionResult } from 'graphql'
import { execute, GraphQLError, parse, validate } from 'graphql'
import { errorAnswer, isDefect } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { FhirContext } from '../context.ts'
import { Budget } from './budget.ts'
import type { QueryContext } from './resource.ts'
import { graphqlSchema } from './schema.ts'
import { assertShape } from './shape.ts'

export interface GraphqlQuery {
  readonly query: string
  readonly operationName?: string
  readonly variables?: Readonly<Record<string, unknown>>
}

export interface GraphqlAnswer {
  /** JSON text of `{ data, errors }` */
  readonly text: string
  readonly defects: readonly unknown[]
}

/** Words, brackets and values. */
const TOKENS = 10_000
const MISTAKES_SHOWN = 20

/** Throws 400 when it is no query of this schema, 413 when it asks for too much. `within`: what it is asked of. */
export async function runGraphql(
  context: FhirContext,
  asked: GraphqlQuery,
  within: (document: DocumentNode) => DocumentNode = (document) => document,
): Promise<ExecutionResult> {
  const { limits, request } = context
  const document = within(parsed(asked.query))
  assertShape(document, limits)
  const schema = graphqlSchema()
  const mistakes = validate(schema, document, undefined, { maxErrors: MISTAKES_SHOWN })
  if (mistakes.length > 0) throw invalid(mistakes)
  const budget = new Budget(limits.graphqlResources)
  const contextValue: QueryContext = { ...context, budget }
  const { operationName, variables: variableValues } = asked
  const result = await execute({
    ...{ schema, document, contextValue, operationName, variableValues },
    abortSignal: request.deadline.signal,
  })
  budget.check()
  if (result.data === undefined && result.errors) throw invalid(result.errors)
  return result
}

/** As R4 wants it: an error of a field has its OperationOutcome (graphql.html#response). */
export function answerOf({ data, errors = [] }: ExecutionResult): GraphqlAnswer {
  const defects = errors.map(({ cause }) => cause).filter((cause) => cause !== undefined && isDefect(cause))
  const told = errors.map(({ message, cause, path, locations }) => {
    const outcome = cause === undefined ? undefined : (JSON.parse(errorAnswer(cause).body ?? '{}') as Outcome)
    return {
      message: outcome?.issue[0]?.diagnostics ?? message,
      ...{ locations, path },
      ...(outcome && { extensions: { resource: outcome } }),
    }
  })
  return { text: JSON.stringify({ data, ...(told.length > 0 && { errors: told }) }), defects }
}

interface Outcome {
  readonly issue: readonly { readonly diagnostics: string }[]
}

function parsed(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens: TOKENS, noLocation: false })
  } catch (error) {
    if (error instanceof GraphQLError) throw invalid([error])
    throw error
  }
}

function invalid(mistakes: readonly GraphQLError[]): GatewayError {
  const issues = mistakes.map(({ message, locations: [place] = [] }) => ({
    code: 'invalid',
    message: place ? `${message} (line ${place.line}, column ${place.column})` : message,
  }))
  return new GatewayError('GW_BAD_REQUEST', issues[0]?.message ?? 'The query cannot be read.', { issues })
}
