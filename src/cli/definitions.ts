/** The definitions that follow from the configuration: profiles by hand and by mapping, code tables, the guide. */
import { definitionsOf } from '../conformance/definitions.ts'
import type { DefinitionOptions } from '../conformance/definitions.ts'
import type { Config } from '../config/config.ts'
import { readTopics, topicResource } from '../conformance/subscription-topics.ts'
import type { SubscriptionTopic } from '../conformance/subscription-topics.ts'
import { readWrittenDefinitions } from '../conformance/written-definitions.ts'
import { release } from '../kernel/release.ts'
import type { DefinitionSet } from '../projection/definitions.ts'
import { definitionSet } from '../projection/definitions.ts'
import type { Context } from './context.ts'

export function definitionOptions({ config, systems }: Context): DefinitionOptions {
  const { canonicalBase: base, profiles } = config
  return { systems, base, version: release, written: readWrittenDefinitions(profiles, base) }
}

/** What is served: all but those that rows make, of which the files hold a fragment. */
export function servedDefinitions(context: Context): DefinitionSet {
  const mappings = context.systems.flatMap(({ written }) => written.mappings)
  const mapped = new Set(mappings.flatMap(({ resource, id }) => (id === undefined ? [] : [`${resource}/${id}`])))
  const all = definitionsOf(definitionOptions(context))
  const topics = topicsOf(context.config).map(topicResource)
  return definitionSet([...all.filter(({ resourceType, id }) => !mapped.has(`${resourceType}/${id}`)), ...topics])
}

/** What can be subscribed to. */
export function topicsOf({ profiles, canonicalBase }: Pick<Config, 'profiles' | 'canonicalBase'>): SubscriptionTopic[] {
  return readTopics(profiles, canonicalBase)
}
