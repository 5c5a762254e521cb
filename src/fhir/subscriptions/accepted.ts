/**
 * Subscriptions as they are written by clients: what they ask for is understood or refused, secrets are taken out, and
 * whose they are is marked. The status is the gateway's: clients ask for a subscription, or switch it off.
 */
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Coding, Resource, Subscription } from '@medplum/fhirtypes'
import { mayAsk } from '../../access/allowed.ts'
import { CREATOR, creatorLabel } from '../../access/holder.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Operation, SubscriptionAsked } from '../../projection/operation.ts'
import type { SubscriptionCreator, SubscriptionDocument, SubscriptionWish } from '../../store/subscription-documents.ts'
import { countSubscriptions, findSubscription } from '../../store/subscriptions.ts'
import type { FhirContext } from '../context.ts'
import { sealedHeaders, shownHeaders } from './headers.ts'
import { refused } from './refused.ts'
import { creatorOf } from './rights.ts'
import type { SubscriptionService } from './service.ts'
import { wishOf } from './wish.ts'

interface Accepting {
  readonly context: FhirContext
  readonly service: SubscriptionService
  readonly creator: SubscriptionCreator
}

interface Accepted {
  readonly resource: Subscription
  /** undefined: nothing else than before */
  readonly asked: SubscriptionAsked | undefined
}

const TYPE = 'Subscription'

/** The same operations. */
export async function withSubscriptions(
  context: FhirContext,
  operations: readonly Operation[],
): Promise<readonly Operation[]> {
  const { subscriptions: service, writeBack, request } = context
  const isMeant = ({ type, method }: Operation): boolean => type === TYPE && method !== 'DELETE'
  if (!service || !operations.some(isMeant)) return operations
  const accepting = { context, service, creator: await creatorOf(writeBack.store, request.caller) }
  const accepted: Operation[] = []
  for (const each of operations) accepted.push(isMeant(each) ? await acceptedOperation(accepting, each) : each)
  return accepted
}

async function acceptedOperation(accepting: Accepting, operation: Operation): Promise<Operation> {
  const { writeBack, permit, limits } = accepting.context
  const { store } = writeBack
  const id =
    'id' in operation ? operation.id : operation.method === 'POST' ? (operation.reserved ?? randomUUID()) : undefined
  const record = `${permit.tenant}/${TYPE}/${id ?? ''}`
  if ((await countSubscriptions(store, permit.tenant, record)) >= limits.subscriptions) {
    const sentence = `There are ${limits.subscriptions} Subscriptions already: switch off one that nobody needs.`
    throw new GatewayError('GW_TOO_COSTLY', sentence)
  }
  if (operation.method === 'POST') {
    const { resource, asked } = accept(accepting, id, operation.resource as Subscription, undefined, undefined)
    return { ...operation, resource, reserved: id ?? '', subscription: () => asked }
  }
  if (operation.method === 'DELETE') return operation
  const kept = id === undefined ? undefined : await findSubscription(store, record)
  let last: SubscriptionAsked | undefined
  const edit = (current: Resource | undefined): Resource => {
    const { resource, asked } = accept(
      accepting,
      id,
      operation.edit(current) as Subscription,
      kept,
      current as Subscription,
    )
    last = asked
    return resource
  }
  return { ...operation, edit, subscription: () => last }
}

/** `id`: undefined where a condition says which it is. */
function accept(
  { context, service, creator }: Accepting,
  id: string | undefined,
  sent: Subscription,
  kept: SubscriptionDocument | undefined,
  current: Subscription | undefined,
): Accepted {
  const { permit, request, limits, writeBack } = context
  const { base } = request
  const wish = wishOf({ ...service, tenant: permit.tenant, base, limits, writeBack }, sent)
  assertMayHear(context, service, wish)
  const headers = headersOf(context, id, sent, kept)
  const isSame = isAskedAlready(sent, current, kept, { wish, headers, base })
  const state = sent.status === 'off' ? 'off' : 'requested'
  const { error: _, ...rest } = sent
  const resource: Subscription = {
    ...rest,
    status: isSame ? sent.status : state,
    ...metaOf(sent, kept?.creator ?? creator),
    channel: { ...sent.channel, ...(headers.length > 0 && { header: shownHeaders(sent.channel.header ?? []) }) },
    ...(isSame && current?.error !== undefined && { error: current.error }),
  }
  return { resource, asked: isSame ? undefined : { creator, base, wish, headers, state } }
}

function headersOf(
  { permit, writeBack }: FhirContext,
  id: string | undefined,
  { channel }: Subscription,
  kept: SubscriptionDocument | undefined,
): string[] {
  const lines = channel.header ?? []
  if (id !== undefined) {
    return sealedHeaders(writeBack.store.seals, `${permit.tenant}/${TYPE}/${id}`, lines, kept?.headers ?? [])
  }
  if (lines.length === 0) return []
  const sentence = 'A conditional update takes no headers: name the id of the Subscription.'
  throw refused('Subscription.channel.header', sentence)
}

/** Then it goes on as it is: no new handshake. */
function isAskedAlready(
  sent: Subscription,
  current: Subscription | undefined,
  kept: SubscriptionDocument | undefined,
  asked: Pick<SubscriptionDocument, 'wish' | 'headers' | 'base'>,
): boolean {
  if (!kept || kept.revoked || sent.status !== current?.status) return false
  const { wish, headers, base } = kept
  return isDeepStrictEqual({ wish, headers, base }, asked)
}

/** Where nobody is known by name, it is nobody's own. */
function metaOf({ meta }: Subscription, { by, credential }: SubscriptionCreator): Pick<Subscription, 'meta'> {
  const { security, ...rest } = meta ?? {}
  const others = (security ?? []).filter(({ system }) => system !== CREATOR)
  const labels: Coding[] = credential ? [...others, creatorLabel(by)] : others
  const made = { ...rest, ...(labels.length > 0 && { security: labels }) }
  return Object.keys(made).length > 0 ? { meta: made } : {}
}

/** Of nothing one may not look at oneself: it would be silent for ever. */
function assertMayHear(
  { request }: FhirContext,
  { topics }: SubscriptionService,
  { topic, criteria }: SubscriptionWish,
): void {
  const triggers = topics.find(({ url }) => url === topic)?.resourceTrigger ?? []
  const types = triggers.length > 0 ? triggers.map(({ resource }) => resource) : criteria.map(({ type }) => type)
  const { permit } = request.caller
  const missing = types.find((type) => !mayAsk(permit, 's', type) && !mayAsk(permit, 'r', type))
  if (missing === undefined) return
  throw new GatewayError(
    'GW_INSUFFICIENT_SCOPE',
    `The access token has no scope to read ${missing}, which the Subscription is about: ask the authorization server for one.`,
    { expression: 'Subscription.criteria' },
  )
}
