/**
 * What `_filter` says (R4 search_filter.html): as it was read, and what any expression comes to once its tests are looked up.
 */
import { GatewayError } from '../../../kernel/errors.ts'
import type { Filter } from '../lookup.ts'

export type Expression<Test> =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression<Test>[] }
  | { readonly kind: 'not'; readonly part: Expression<Test> }
  | { readonly kind: 'test'; readonly test: Test }

/** `subject.name co "pet"`, as it stands in the text. */
export interface WrittenTest {
  /** where it begins, counted from 1 */
  readonly at: number
  readonly path: readonly Step[]
  readonly operator: Operator
  readonly value: string
}

/** A parameter; of a reference, also which resources it leads on to. */
export interface Step {
  readonly code: string
  readonly type?: string
  readonly where?: Expression<WrittenTest>
}

export const OPERATORS = [
  ...['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'],
  ...['co', 'sw', 'ew', 'pr', 'in', 'ni', 'ss', 'sb', 're'],
] as const
export type Operator = (typeof OPERATORS)[number]

/** What a test asks, with its place in the text. */
export interface Placed<Asked> {
  readonly at: number
  readonly asked: Asked
}

/** The error of a test, with its place; a test within it has said its own already. */
export function placed(at: number, error: unknown): unknown {
  if (!(error instanceof GatewayError) || error.message.startsWith('"_filter"')) return error
  return new GatewayError(error.code, `"_filter", character ${at}: ${error.message}`, { cause: error })
}

export function testsOf<Test>(expression: Expression<Test>): Test[] {
  if (expression.kind === 'test') return [expression.test]
  return expression.kind === 'not' ? testsOf(expression.part) : expression.parts.flatMap(testsOf)
}

/** One predicate, of what is looked up for each test. */
export async function predicateOf<Test>(
  expression: Expression<Test>,
  lookUp: (test: Test) => Promise<Filter>,
): Promise<Filter> {
  if (expression.kind === 'test') return lookUp(expression.test)
  if (expression.kind === 'not') return { $nor: [await predicateOf(expression.part, lookUp)] }
  const parts = await Promise.all(expression.parts.map((part) => predicateOf(part, lookUp)))
  return expression.kind === 'and' ? { $and: parts } : { $or: parts }
}
