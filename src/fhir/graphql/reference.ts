/** `resource` of a Reference: what it points at (https://hl7.org/fhir/R4/graphql.html). */
import { GatewayError } from '../../kernel/errors.ts'
import { parseReference } from '../../r4/references.ts'
import { findResource } from './reading.ts'
import type { Json, QueryContext } from './resource.ts'
import { containedIn } from './resource.ts'

interface Given {
  readonly optional?: boolean
  readonly type?: string
}

/** `type`: nothing else is wanted. Throws where there is nothing, unless `optional`. */
export async function resolveReference(
  source: Json,
  { optional, type }: Given,
  context: QueryContext,
): Promise<Json | null> {
  const { reference } = source
  const found = typeof reference === 'string' ? await targetOf(source, reference, type, context) : undefined
  if (found === null) return null
  if (found) return type === undefined || found['resourceType'] === type ? found : null
  if (optional) return null
  throw new GatewayError('GW_NOT_FOUND', 'What a reference points at is not here: ask with optional: true.')
}

/** Null: it is of another type than is wanted. */
async function targetOf(
  source: Json,
  reference: string,
  wanted: string | undefined,
  context: QueryContext,
): Promise<Json | null | undefined> {
  if (reference.startsWith('#')) return containedIn(source, reference.slice(1))
  const parts = parseReference(reference)
  if (!parts || (parts.base !== '' && parts.base !== `${context.request.base}/`)) return undefined
  if (wanted !== undefined && parts.type !== wanted) return null
  return findResource(context, parts.type, parts.id)
}
