/** Every error of the staff API is a problem (RFC 9457): what is wrong, where, and what to do about it. */
import { errorAnswer, knownError } from '../../http/outcome.ts'
import type { Answer } from '../../http/answer.ts'
import type { ApiProblem } from './contract.ts'
import { GatewayError } from '../../kernel/errors.ts'

export const PROBLEM_JSON = 'application/problem+json; charset=utf-8'

/** `errors`: each field that is wrong, where there is one: `body.start`, `query.date`. */
export class ContractError extends GatewayError {
  readonly errors: readonly ApiProblem[]
  constructor(errors: readonly ApiProblem[]) {
    super('GW_BAD_REQUEST', errors.map(({ field, detail }) => `${field} ${detail}`).join('; ') + '.')
    this.errors = errors
  }
}

export function problemAnswer(error: unknown): Answer {
  const { status, headers } = errorAnswer(error)
  const known = knownError(error)
  const body = {
    type: `urn:isthmus:problem:${known.code.slice('GW_'.length).toLowerCase().replaceAll('_', '-')}`,
    title: titles.get(status) ?? 'Request refused',
    status,
    detail: known.message,
    ...errorsOf(known),
  }
  return { status, headers: { ...headers, 'Content-Type': PROBLEM_JSON }, body: JSON.stringify(body) }
}

function errorsOf(error: GatewayError): { readonly errors?: readonly ApiProblem[] } {
  if (error instanceof ContractError) return { errors: error.errors }
  const { issues, expression, message } = error
  if (issues.length > 0) {
    return { errors: issues.map((each) => ({ field: each.expression ?? '', detail: each.message })) }
  }
  return expression === undefined ? {} : { errors: [{ field: expression, detail: message }] }
}

const titles = new Map([
  [400, 'The request is not as the contract says'],
  [401, 'Sign in first'],
  [403, 'Not allowed'],
  [404, 'Not there'],
  [405, 'Not possible here'],
  [409, 'In conflict with what is there'],
  [412, 'Changed meanwhile'],
  [408, 'Too slow to arrive'],
  [410, 'Over'],
  [413, 'Too large'],
  [414, 'Too long'],
  [415, 'JSON only'],
  [421, 'Elsewhere'],
  [422, 'Cannot be stored'],
  [429, 'Too many requests'],
  [431, 'Headers too long'],
  [500, 'Something went wrong'],
  [503, 'Not available now'],
  [504, 'Too slow'],
])
