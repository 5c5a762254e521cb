/** `_count`: how many a page may hold. */
import type { FhirRequest } from '../http/answer.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Limits } from '../kernel/limits.ts'
import { singleParameter } from './context.ts'

const DEFAULT = 50

/** More than a page may hold is cut to that; the self link says so. */
export function countOf(request: FhirRequest, { pageSize }: Pick<Limits, 'pageSize'>): number {
  const text = singleParameter(request, '_count')
  if (text === undefined) return Math.min(DEFAULT, pageSize)
  if (!/^\d{1,9}$/.test(text)) throw new GatewayError('GW_BAD_REQUEST', '"_count" is no number of 0 or more.')
  return Math.min(Number(text), pageSize)
}
