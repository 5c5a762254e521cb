/** The Prometheus metrics of /metrics. Labels hold words of ours only: never ids, tenants' names or values. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

export const registry = new Registry()
collectDefaultMetrics({ register: registry })

const requests = new Histogram({
  name: 'isthmus_request_seconds',
  help: 'HTTP requests by FHIR interaction and status class',
  labelNames: ['interaction', 'status'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
})

const requestsOf = new Map<string, ReturnType<typeof requests.labels>>()

/** A histogram looks for its labels each time it is told a value, which takes longer than to note it. */
export function observeRequest(interaction: string, status: number, milliseconds: number): void {
  const answered = `${Math.floor(status / 100)}xx`
  const kind = `${interaction} ${answered}`
  let known = requestsOf.get(kind)
  if (!known) requestsOf.set(kind, (known = requests.labels({ interaction, status: answered })))
  known.observe(milliseconds / 1000)
}

export const projectedRows = new Counter({
  name: 'isthmus_projected_rows_total',
  help: 'Source rows projected, by system',
  labelNames: ['system'],
  registers: [registry],
})

export const projectedResources = new Counter({
  name: 'isthmus_projected_resources_total',
  help: 'Resource versions written by projection, by system and kind of change',
  labelNames: ['system', 'change'],
  registers: [registry],
})

export const projectionLag = new Gauge({
  name: 'isthmus_projection_lag_seconds',
  help: 'Seconds from the source write to its commit in the gateway, by system',
  labelNames: ['system'],
  registers: [registry],
})

export const problems = new Gauge({
  name: 'isthmus_problems',
  help: 'Rows that could not be mapped, by system and mapping',
  labelNames: ['system', 'mapping'],
  registers: [registry],
})

export const warnings = new Counter({
  name: 'isthmus_mapping_warnings_total',
  help: 'Values kept but not translated, by mapping and rule',
  labelNames: ['mapping', 'rule'],
  registers: [registry],
})

export const validationFindings = new Counter({
  name: 'isthmus_validation_findings_total',
  help: 'What validation found in resources that were written or refused, by kind of rule, severity and what became of it',
  labelNames: ['aspect', 'severity', 'action'],
  registers: [registry],
})

export const searchBuilding = new Gauge({
  name: 'isthmus_search_building',
  help: 'Share of the resources of a type whose search keys are still to be made again, by type',
  labelNames: ['type'],
  registers: [registry],
})

export const relayLag = new Gauge({
  name: 'isthmus_relay_lag_seconds',
  help: 'How long the oldest commit waits that was not handed to subscriptions and reminders yet',
  registers: [registry],
})

export const parkedVersions = new Gauge({
  name: 'isthmus_parked',
  help: 'Versions from which nothing could follow, set aside until they are tried again, by what should have (reminders, subscriptions)',
  labelNames: ['follower'],
  registers: [registry],
})

export const owedMessages = new Gauge({
  name: 'isthmus_owed',
  help: 'Messages to people by kind and state: owed, overdue (owed for more than a minute), failed, late (never sent)',
  labelNames: ['kind', 'state'],
  registers: [registry],
})

export const sentMessages = new Counter({
  name: 'isthmus_messages_total',
  help: 'Messages to people that were sent or given up, by kind and outcome',
  labelNames: ['kind', 'outcome'],
  registers: [registry],
})

export const notifications = new Counter({
  name: 'isthmus_notifications_total',
  help: 'Notifications of Subscriptions, by channel and what became of them (taken, failed, refused, dead)',
  labelNames: ['channel', 'outcome'],
  registers: [registry],
})

export const notificationLag = new Gauge({
  name: 'isthmus_notification_lag_seconds',
  help: 'How long the oldest event of a Subscription waits that its receiver has not taken',
  registers: [registry],
})
