/**
 * What can be subscribed to: the topics of `profiles/topics/`, written as SubscriptionTopics of R5
 * (https://hl7.org/fhir/R5/subscriptiontopic.html), which R4 has no resource for. They are served as Basic resources, as
 * the Subscriptions R5 Backport has it (§Subscription Topics in R4).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Extension, Resource } from '@medplum/fhirtypes'
import { StartError } from '../kernel/errors.ts'
import { isResourceType } from '../r4/elements.ts'
import { searchParametersOf } from '../r4/search-parameters.ts'
import { WRITTEN_BASE, canonicalUrl } from './canonical.ts'

export type TopicInteraction = 'create' | 'update' | 'delete'

/** Before and after the change: a search of the type each. */
export interface TopicCriteria {
  readonly previous?: string
  readonly resultForCreate?: 'test-passes' | 'test-fails'
  readonly current?: string
  readonly resultForDelete?: 'test-passes' | 'test-fails'
  readonly requireBoth?: boolean
}

export interface TopicTrigger {
  readonly description?: string
  /** resource type */
  readonly resource: string
  readonly supportedInteraction: readonly TopicInteraction[]
  readonly queryCriteria?: TopicCriteria
}

export interface TopicFilter {
  /** resource type */
  readonly resource: string
  readonly filterParameter: string
  readonly modifier?: readonly string[]
}

export interface SubscriptionTopic {
  readonly id: string
  readonly url: string
  readonly version: string
  readonly title: string
  readonly status: 'draft' | 'active' | 'retired'
  readonly description: string
  readonly resourceTrigger: readonly TopicTrigger[]
  readonly canFilterBy: readonly TopicFilter[]
}

const TYPE = 'http://hl7.org/fhir/StructureDefinition/'
const ELEMENT = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.'

/** In the order of their files; none where the folder of definitions has no topics. A mistake stops the start. */
export function readTopics(profiles: string, base: string): SubscriptionTopic[] {
  const folder = join(profiles, 'topics')
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files.sort().map((name) => readTopic(join(folder, name), base))
}

function readTopic(file: string, base: string): SubscriptionTopic {
  const wrong = (what: string): StartError => new StartError(`${file}: ${what}; mend it, or take it out of the folder.`)
  let topic: SubscriptionTopic
  try {
    topic = JSON.parse(readFileSync(file, 'utf8').replaceAll(WRITTEN_BASE, base)) as SubscriptionTopic
  } catch {
    throw wrong('this is not JSON')
  }
  if (`${topic.id}.json` !== basename(file)) throw wrong(`the file of this id is ${topic.id}.json`)
  const url = canonicalUrl(base, 'SubscriptionTopic', topic.id)
  if (topic.url !== url) throw wrong(`the url must be ${url}`)
  const { resourceTrigger = [], canFilterBy = [] } = topic as Partial<SubscriptionTopic>
  if (resourceTrigger.length === 0) throw wrong('it needs a resourceTrigger')
  const named = { ...topic, resourceTrigger: resourceTrigger.map(withType), canFilterBy: canFilterBy.map(withType) }
  const mistake = mistakeIn(named)
  if (mistake !== undefined) throw wrong(mistake)
  return named
}

function withType<T extends { readonly resource: string }>(each: T): T {
  return { ...each, resource: each.resource.replace(TYPE, '') }
}

function mistakeIn({ resourceTrigger, canFilterBy }: SubscriptionTopic): string | undefined {
  const types = new Set(resourceTrigger.map(({ resource }) => resource))
  const unknown = [...types].find((type) => !isResourceType(type))
  if (unknown !== undefined) return `"${unknown}" is no resource type of FHIR R4`
  if (resourceTrigger.some((trigger) => ((trigger as Partial<TopicTrigger>).supportedInteraction ?? []).length === 0)) {
    return 'each resourceTrigger needs a supportedInteraction'
  }
  const filter = canFilterBy.find(
    ({ resource, filterParameter }) => !types.has(resource) || !searchParametersOf(resource).has(filterParameter),
  )
  return filter && `${filter.resource} is not filtered by "${filter.filterParameter}" here`
}

/** As it is served: found by `Basic?code=http://hl7.org/fhir/fhir-types|SubscriptionTopic`. */
export function topicResource(topic: SubscriptionTopic): Resource {
  const { id, url, version, title, status, description, resourceTrigger, canFilterBy } = topic
  return {
    resourceType: 'Basic',
    id: `subscription-topic-${id}`,
    extension: [
      { url: `${ELEMENT}url`, valueUri: url },
      { url: `${ELEMENT}version`, valueString: version },
      { url: `${ELEMENT}title`, valueString: title },
      { url: `${ELEMENT}status`, valueCode: status },
      { url: `${ELEMENT}description`, valueMarkdown: description },
      ...resourceTrigger.map((trigger) => ({ url: `${ELEMENT}resourceTrigger`, extension: triggerParts(trigger) })),
      ...canFilterBy.map((filter) => ({ url: `${ELEMENT}canFilterBy`, extension: filterParts(filter) })),
    ],
    code: { coding: [{ system: 'http://hl7.org/fhir/fhir-types', code: 'SubscriptionTopic' }], text: title },
  }
}

function triggerParts({ description, resource, supportedInteraction, queryCriteria }: TopicTrigger): Extension[] {
  return [
    ...(description === undefined ? [] : [{ url: 'description', valueMarkdown: description }]),
    { url: 'resource', valueUri: TYPE + resource },
    ...supportedInteraction.map((valueCode) => ({ url: 'supportedInteraction', valueCode })),
    ...(queryCriteria ? [{ url: 'queryCriteria', extension: criteriaParts(queryCriteria) }] : []),
  ]
}

function criteriaParts(criteria: TopicCriteria): Extension[] {
  const { previous, resultForCreate, current, resultForDelete, requireBoth } = criteria
  return [
    ...(previous === undefined ? [] : [{ url: 'previous', valueString: previous }]),
    ...(resultForCreate === undefined ? [] : [{ url: 'resultForCreate', valueCode: resultForCreate }]),
    ...(current === undefined ? [] : [{ url: 'current', valueString: current }]),
    ...(resultForDelete === undefined ? [] : [{ url: 'resultForDelete', valueCode: resultForDelete }]),
    ...(requireBoth === undefined ? [] : [{ url: 'requireBoth', valueBoolean: requireBoth }]),
  ]
}

function filterParts({ resource, filterParameter, modifier = [] }: TopicFilter): Extension[] {
  return [
    { url: 'resource', valueUri: TYPE + resource },
    { url: 'filterParameter', valueString: filterParameter },
    ...modifier.map((valueCode) => ({ url: 'modifier', valueCode })),
  ]
}
