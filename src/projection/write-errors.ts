/** Why a write is refused whatever its content says, each with the way out. */
import { GatewayError } from '../kernel/errors.ts'

export function stale(): GatewayError {
  return new GatewayError('GW_PRECONDITION', 'The resource has another version by now; read it again.')
}

export function gone(type: string): GatewayError {
  return new GatewayError('GW_GONE', `This ${type} was deleted.`)
}

export function notFound(type: string): GatewayError {
  return new GatewayError('GW_NOT_FOUND', `There is no ${type} with this id.`)
}

export function ownedBySource(type: string): GatewayError {
  return new GatewayError(
    'GW_NOT_ALLOWED',
    `There is no ${type} with this id, and a source gives ids to its own: POST a new one.`,
    { allow: 'GET, HEAD' },
  )
}

export function idTaken(): GatewayError {
  const sentence = 'Nothing fits the condition, and the id of the resource belongs to another one; send it without id.'
  return new GatewayError('GW_CONFLICT', sentence)
}

export function ownDefinition(): GatewayError {
  const sentence = 'This definition is the gateway’s own: it follows from its mappings and profiles.'
  return new GatewayError('GW_NOT_ALLOWED', sentence, { allow: 'GET, HEAD' })
}

export function duplicate(): GatewayError {
  return new GatewayError('GW_CONFLICT', 'The source has a record with one of these values already.')
}

/** Which of the two holds would depend on the order (R4 http.html#trules). */
export function twice(at: string | undefined): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', 'A transaction names a resource once only.', {
    ...(at !== undefined && { expression: `${at}.request` }),
  })
}
