/** One call of an operation: by which method, with what, in its turn. */
import type { Answer } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { allowedOperation } from '../access.ts'
import type { FhirContext } from '../context.ts'
import { inputsOf } from './inputs.ts'
import type { Operation } from './operation.ts'

/** What changes something is never asked by GET (R4 operations.html#executing). */
export function runOperation(
  context: FhirContext,
  operation: Operation,
  place: { readonly type?: string; readonly id?: string } = {},
): Promise<Answer> {
  const { request } = context
  const methods = operation.affectsState ? ['POST'] : ['GET', 'POST']
  if (!methods.includes(request.method)) {
    const allow = operation.affectsState ? 'POST' : 'GET, HEAD, POST'
    throw new GatewayError('GW_NOT_ALLOWED', `$${operation.code} is asked by ${methods.join(' or ')}.`, { allow })
  }
  const own = allowedOperation(context, operation.access, place.type, place.id)
  assertPermitted(context, operation)
  const { inputs } = operation
  const given = inputs === 'its own' ? new Map<string, never>() : inputsOf(request, operation.code, inputs)
  return operation.handle(own, { ...place, inputs: given })
}

/** Before anything is looked at. */
function assertPermitted({ request }: FhirContext, { permissions: needed }: Operation): void {
  const user = request.caller.credential?.user
  if (!needed || needed.some((each) => user?.permissions.includes(each))) return
  throw new GatewayError('GW_FORBIDDEN', `This is for users whose role has ${needed.join(' or ')}.`)
}
