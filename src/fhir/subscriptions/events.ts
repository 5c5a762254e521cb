/** Which changes are events of a subscription: by its topic and filters, or by criteria as R4 has them. */
import type { SubscriptionTopic, TopicTrigger } from '../../conformance/subscription-topics.ts'
import type { SubscriptionWish } from '../../store/subscription-documents.ts'
import type { Candidate, Matcher, MatchPlace } from './matcher.ts'
import { matcherOf } from './matcher.ts'

/** What a version replaced, and what it says; undefined: nothing was, or is, there. */
export interface Step {
  readonly before: Candidate | undefined
  readonly after: Candidate | undefined
}

export interface EventTest {
  readonly types: ReadonlySet<string>
  readonly isEvent: (step: Step, type: string) => boolean
}

type Test = (step: Step) => boolean

/** Throws a GatewayError where it cannot be judged. */
export function eventTest(place: MatchPlace, wish: SubscriptionWish, topic: SubscriptionTopic | undefined): EventTest {
  const filters = Map.groupBy(wish.criteria, ({ type }) => type)
  const asked = new Map<string, Matcher[]>(
    [...filters].map(([type, each]) => [type, each.map(({ query }) => matcherOf(place, type, query))]),
  )
  const fits = (candidate: Candidate | undefined, type: string): boolean =>
    candidate !== undefined && (asked.get(type) ?? []).every((matches) => matches(candidate))
  if (!topic) {
    const types = new Set(asked.keys())
    // R4 subscription.html: "whenever a resource is created or updated that meets the criteria"
    return { types, isEvent: ({ after }, type) => types.has(type) && fits(after, type) }
  }
  const triggers = Map.groupBy(topic.resourceTrigger, ({ resource }) => resource)
  const tests = new Map<string, Test[]>(
    [...triggers].map(([type, each]) => [type, each.map((trigger) => triggerTest(place, trigger))]),
  )
  return {
    types: new Set(tests.keys()),
    isEvent: (step, type) =>
      (tests.get(type) ?? []).some((test) => test(step)) && fits(step.after ?? step.before, type),
  }
}

/** https://hl7.org/fhir/R5/subscriptiontopic-definitions.html#SubscriptionTopic.resourceTrigger.queryCriteria */
function triggerTest(place: MatchPlace, { resource, supportedInteraction, queryCriteria = {} }: TopicTrigger): Test {
  const { previous, current, resultForCreate, resultForDelete, requireBoth } = queryCriteria
  const sideTest = (query: string, result: string | undefined): ((side: Candidate | undefined) => boolean) => {
    const matches = matcherOf(place, resource, query)
    return (side) => (side ? matches(side) : result === 'test-passes')
  }
  const [before, after] = [
    previous === undefined ? undefined : sideTest(previous, resultForCreate),
    current === undefined ? undefined : sideTest(current, resultForDelete),
  ]
  return (step) => {
    const interaction = !step.after ? 'delete' : step.before ? 'update' : 'create'
    if (!supportedInteraction.includes(interaction)) return false
    const results = [...(before ? [before(step.before)] : []), ...(after ? [after(step.after)] : [])]
    if (results.length === 0) return true
    return requireBoth ? results.every(Boolean) : results.some(Boolean)
  }
}
