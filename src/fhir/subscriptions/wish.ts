/** What a Subscription asks for, read out of the resource; whatever of it cannot be done is refused with its element. */
import type { Extension, Subscription } from '@medplum/fhirtypes'
import type { SubscriptionTopic } from '../../conformance/subscription-topics.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { isResourceType } from '../../r4/elements.ts'
import type { SubscriptionWish } from '../../store/subscription-documents.ts'
import { BACKPORT } from './canonicals.ts'
import type { ChannelRules } from './channel.ts'
import { channelOf } from './channel.ts'
import { eventTest } from './events.ts'
import type { MatchPlace } from './matcher.ts'
import { refused } from './refused.ts'

export type Topics = readonly SubscriptionTopic[]

export interface WishRules extends MatchPlace, ChannelRules {
  readonly topics: Topics
}

type Criteria = SubscriptionWish['criteria']

const AT = 'Subscription.criteria'

/** Throws 422. */
export function wishOf(rules: WishRules, sent: Subscription): SubscriptionWish {
  const { criteria, channel, end } = sent
  const topic = criteria.includes('?') ? undefined : topicNamed(rules.topics, criteria)
  const wish = {
    ...(topic && { topic: topic.url }),
    criteria: topic ? filtersOf(topic, sent) : [criterionIn(criteria)],
    channel: channelOf(channel, rules, topic !== undefined),
    ...(end !== undefined && { end: new Date(end) }),
  }
  try {
    eventTest(rules, wish, topic)
  } catch (error) {
    if (error instanceof GatewayError && error.status < 500) throw refused(AT, error.message, error)
    throw error
  }
  return wish
}

/** With or without the version; undefined: it is no canonical. */
function topicNamed(topics: Topics, criteria: string): SubscriptionTopic | undefined {
  if (isResourceType(criteria)) return undefined
  const found = topics.find(({ url, version }) => criteria === url || criteria === `${url}|${version}`)
  if (found) return found
  const known = topics.map(({ url }) => url).join(', ')
  throw refused(
    AT,
    `Criteria are the canonical of a topic or a search of one type (Observation?code=…); topics are ${known}.`,
  )
}

/** R4: `Observation?code=…`; without parameters, every change of the type. */
function criterionIn(criteria: string): Criteria[number] {
  const [, type = '', query = ''] = /^([A-Za-z]+)(?:\?(.*))?$/s.exec(criteria) ?? []
  if (!isResourceType(type)) throw refused(AT, `"${type}" is no resource type of FHIR R4.`)
  if (type === 'Subscription') throw refused(AT, 'What becomes of Subscriptions is told by $status.')
  return { type, query }
}

/** As the guide has them (§Subscription Filters), and with the type before `?` as in its examples. */
const FILTER = /^(?:([A-Z][A-Za-z]*)\?|([A-Z][A-Za-z]*)\.)?([^=]+=.*)$/s

function filtersOf(topic: SubscriptionTopic, sent: Subscription): Criteria {
  const { extension = [] } = (sent as { readonly _criteria?: { readonly extension?: Extension[] } })._criteria ?? {}
  return extension.flatMap(({ url, valueString = '' }, index) =>
    url === BACKPORT.filter ? filterIn(topic, valueString, `${AT}.extension[${index}]`) : [],
  )
}

function filterIn({ canFilterBy, resourceTrigger }: SubscriptionTopic, text: string, at: string): Criteria {
  const [, before, dotted, query = ''] = FILTER.exec(text) ?? []
  const type = before ?? dotted ?? resourceTrigger[0]?.resource ?? ''
  const names = [...new URLSearchParams(query).keys()]
  const known = canFilterBy.filter(({ resource }) => resource === type)
  const unknown = names.find((name) => {
    const [code, modifier] = name.split(/:(.*)/s)
    const filter = known.find(({ filterParameter }) => filterParameter === code)
    return !filter || (modifier !== undefined && filter.modifier?.includes(modifier) !== true)
  })
  if (names.length > 0 && unknown === undefined) return [{ type, query }]
  const list = known.map(({ resource, filterParameter }) => `${resource}?${filterParameter}=…`).join(', ')
  throw refused(at, list === '' ? 'The topic takes no filter of this type.' : `Filters of this topic are ${list}.`)
}
