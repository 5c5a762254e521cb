/** Subscriptions that operations are asked of: those of the caller, by the Permit that reads their resources. */
import { GatewayError } from '../../kernel/errors.ts'
import type { SubscriptionDocument } from '../../store/subscription-documents.ts'
import { findSubscription, findSubscriptions } from '../../store/subscriptions.ts'
import type { FhirContext } from '../context.ts'
import { gone, notFound } from '../interactions/read.ts'

const TYPE = 'Subscription'

export async function oneSubscription(
  { permit, reader, writeBack, request }: FhirContext,
  id: string,
): Promise<SubscriptionDocument> {
  const stored = await reader.read(permit, TYPE, id)
  if (!stored) throw notFound(TYPE)
  if (stored.deleted) throw gone(TYPE)
  request.trail?.saw([stored])
  const found = await findSubscription(writeBack.store, stored._id)
  if (found) return found
  throw new GatewayError(
    'GW_NOT_STORABLE',
    'This Subscription was stored by another way than a write of FHIR: update it.',
  )
}

/** `ids`: none for all there are. */
export async function theirSubscriptions(
  { permit, reader, writeBack, request, limits }: FhirContext,
  ids: readonly string[],
): Promise<SubscriptionDocument[]> {
  const { tenant } = permit
  const named = ids.length === 0 ? {} : { _id: { $in: ids.map((id) => `${tenant}/${TYPE}/${id}`) } }
  const filter = { tt: `${tenant}/${TYPE}`, deleted: false, ...named }
  const found = await reader.find(permit, { filter, sort: { _id: 1 }, limit: limits.pageSize, fields: [] })
  request.trail?.saw(found)
  return findSubscriptions(
    writeBack.store,
    found.map(({ _id }) => _id),
  )
}
