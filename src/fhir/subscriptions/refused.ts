/** What a Subscription asks for and does not get: 422, with the element (R4 http.html#create). */
import { GatewayError } from '../../kernel/errors.ts'

export function refused(expression: string, sentence: string, cause?: unknown): GatewayError {
  return new GatewayError('GW_UNPROCESSABLE', sentence, { expression, cause })
}
