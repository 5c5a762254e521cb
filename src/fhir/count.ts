/** `_count`: how many a page may hold. */
import type { FhirRequest } from '../http/answer.ts'
import { GatewayError } from '../kernel/errors.ts'
import { singleParameter } from './context.ts'

const DEFAULT = 50
const MOST = 1000

/** More than a page may hold is cut to that; the self link says so. */
export function countOf(request: FhirRequest): number {
  const text = singleParameter(request, '_count')
  if (text === undefined) return DEFAULT
  if (!/^\d{1,9}$/.test(text)) throw new GatewayError('GW_BAD_REQUEST', '"_count" is no number of 0 or more.')
  return Math.min(Number(text), MOST)
}
