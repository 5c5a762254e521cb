/** Names of the Subscriptions R5 Backport 1.1 (http://hl7.org/fhir/uv/subscriptions-backport/STU1.1). */
const GUIDE = 'http://hl7.org/fhir/uv/subscriptions-backport'
const DEFINITION = `${GUIDE}/StructureDefinition`

export const BACKPORT = {
  server: `${GUIDE}/CapabilityStatement/backport-subscription-server-r4`,
  subscription: `${DEFINITION}/backport-subscription`,
  notification: `${DEFINITION}/backport-subscription-notification-r4`,
  status: `${DEFINITION}/backport-subscription-status-r4`,
  filter: `${DEFINITION}/backport-filter-criteria`,
  content: `${DEFINITION}/backport-payload-content`,
  heartbeat: `${DEFINITION}/backport-heartbeat-period`,
  timeout: `${DEFINITION}/backport-timeout`,
  maxCount: `${DEFINITION}/backport-max-count`,
  topics: `${DEFINITION}/capabilitystatement-subscriptiontopic-canonical`,
  operation: (code: string): string => `${GUIDE}/OperationDefinition/backport-subscription-${code}`,
} as const
