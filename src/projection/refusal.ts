/** What a source cannot hold, as a client is told: the element as FHIRPath, a sentence, and what is allowed. */
import { GatewayError } from '../kernel/errors.ts'
import type { NotStorableError } from '../mapping/errors.ts'

export function refusal(type: string, error: NotStorableError): GatewayError {
  const { message, path, allowed } = error
  const expression = expressionOf(type, path)
  const sentence = /^[a-z]/.test(message) ? `${expression} ${message}` : `${expression}: ${message}`
  const words = allowed.length > 0 ? ` (allowed: ${allowed.join(', ')})` : ''
  const end = sentence.replace(/\.$/, '')
  return new GatewayError('GW_NOT_STORABLE', `${end}${words}.`, { expression, cause: error })
}

/** `telecom[system=phone].value` → `Patient.telecom.where(system='phone').value`; the type alone where no path is known */
export function expressionOf(type: string, path: string): string {
  if (path === '') return type
  const whole = path.startsWith(`${type}.`) || path === type ? path : `${type}.${path}`
  return whole
    .replace(/\[([^\]=]+)=([^\]]*)\]/g, (_, name: string, value: string) => `.where(${name}='${value}')`)
    .replaceAll('[]', '')
}
