/** How a subscription is told of events: what of a channel is taken, and what is refused (R4 subscription.html#channels). */
import type { Extension, SubscriptionChannel as Sent } from '@medplum/fhirtypes'
import type { NotifiedContent, SubscriptionChannel } from '../../store/subscription-documents.ts'
import { BACKPORT } from './canonicals.ts'
import { refused } from './refused.ts'

export interface ChannelRules {
  /** Throws where the address would not be called. */
  readonly assertWithin: (url: URL) => void
}

const AT = 'Subscription.channel'
const CONTENTS: readonly string[] = ['empty', 'id-only', 'full-resource']
const JSON_TYPES = /^application\/(fhir\+)?json(;\s*(fhirVersion=4\.0|charset=utf-8))*$/i
/** Seconds */
const TIMEOUT = { least: 1, most: 60 }
const USUAL_TIMEOUT = 10
const HEARTBEAT = { least: 1, most: 7 * 86_400 }
const MAX_COUNT = { least: 1, most: 100 }
const USUAL_COUNT = 20

type Primitive = { readonly extension?: Extension[] } | undefined

export function channelOf(sent: Sent, { assertWithin }: ChannelRules, isTopic: boolean): SubscriptionChannel {
  const { type, endpoint, payload } = sent
  if (type !== 'rest-hook' && type !== 'websocket') {
    throw refused(`${AT}.type`, 'Notifications are sent by rest-hook or websocket.')
  }
  if (type === 'rest-hook') assertEndpoint(endpoint, assertWithin)
  const content = contentOf((sent as { readonly _payload?: Primitive })._payload)
  assertPayload(payload, content, isTopic)
  const heartbeat = numberOf(sent, BACKPORT.heartbeat, HEARTBEAT)
  return {
    type,
    ...(endpoint !== undefined && { endpoint }),
    ...(payload !== undefined && { payload }),
    ...(content && { content }),
    timeout: numberOf(sent, BACKPORT.timeout, TIMEOUT) ?? USUAL_TIMEOUT,
    ...(heartbeat !== undefined && { heartbeat }),
    maxCount: numberOf(sent, BACKPORT.maxCount, MAX_COUNT) ?? USUAL_COUNT,
  }
}

function assertPayload(payload: string | undefined, content: NotifiedContent | undefined, isTopic: boolean): void {
  if (isTopic && !content) {
    throw refused(
      `${AT}.payload`,
      `Say how much is sent, by the extension ${BACKPORT.content}: empty, id-only or full-resource.`,
    )
  }
  if ((payload === undefined && content) || (payload !== undefined && !JSON_TYPES.test(payload))) {
    throw refused(`${AT}.payload`, 'Notifications are sent as application/fhir+json: say so.')
  }
}

function assertEndpoint(endpoint: string | undefined, assertWithin: ChannelRules['assertWithin']): void {
  const at = `${AT}.endpoint`
  const url = endpoint === undefined ? null : URL.parse(endpoint)
  if (!url) throw refused(at, 'A rest-hook needs the address that notifications are sent to.')
  if (url.hash !== '') throw refused(at, 'The part of the address behind # is never sent: leave it out.')
  try {
    assertWithin(url)
  } catch (cause) {
    throw refused(
      at,
      'Nothing is sent to this address: it must be https, without a password in it, and outside of the network here.',
      cause,
    )
  }
}

function contentOf(payload: Primitive): NotifiedContent | undefined {
  const extension = payload?.extension?.find(({ url }) => url === BACKPORT.content)
  if (!extension) return undefined
  const code = extension.valueCode ?? ''
  if (CONTENTS.includes(code)) return code as NotifiedContent
  throw refused(`${AT}.payload.extension`, 'How much is sent is one of empty, id-only and full-resource.')
}

function numberOf(
  { extension = [] }: Sent,
  url: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const found = extension.find((each) => each.url === url)
  if (!found) return undefined
  const value = found.valueUnsignedInt ?? found.valuePositiveInt
  if (value !== undefined && value >= least && value <= most) return value
  throw refused(`${AT}.extension`, `${url} is a number from ${least} to ${most}.`)
}
