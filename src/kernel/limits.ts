/**
 * Every limit a gateway keeps to, once: the type, the variables of the environment and their documentation come from this
 * table. Whoever asks for more is answered with an OperationOutcome that says what there is.
 */
interface Limit {
  readonly variable: string
  readonly default: number
  readonly least: number
  readonly most: number
  readonly description: string
}

const MEBIBYTE = 1024 * 1024

export const limitTable = {
  bodyBytes: {
    ...{ variable: 'ISTHMUS_MAX_BODY_BYTES', default: 16 * MEBIBYTE, least: 1024, most: 256 * MEBIBYTE },
    description: 'Bytes of a request’s body, also of what it inflates to (413).',
  },
  fileBytes: {
    ...{ variable: 'ISTHMUS_MAX_FILE_BYTES', default: 512 * MEBIBYTE, least: 1024, most: 1024 * 1024 * MEBIBYTE },
    description: 'Bytes of the file of a Binary, also of what it inflates to (413).',
  },
  uploadMilliseconds: {
    ...{ variable: 'ISTHMUS_MAX_UPLOAD_MS', default: 600_000, least: 1000, most: 86_400_000 },
    description: 'Milliseconds that a request may take to arrive; JSON and forms have half a minute (408).',
  },
  formBytes: {
    ...{ variable: 'ISTHMUS_MAX_FORM_BYTES', default: 65_536, least: 1024, most: MEBIBYTE },
    description: 'Bytes of the form that a search is sent in (413).',
  },
  urlLength: {
    ...{ variable: 'ISTHMUS_MAX_URL_LENGTH', default: 8192, least: 256, most: 65_536 },
    description: 'Characters of an address, without its origin (414).',
  },
  headerBytes: {
    ...{ variable: 'ISTHMUS_MAX_HEADER_BYTES', default: 16_384, least: 4096, most: 131_072 },
    description: 'Bytes of all headers of a request together with its address (431).',
  },
  connections: {
    ...{ variable: 'ISTHMUS_MAX_CONNECTIONS', default: 10_000, least: 1, most: 1_000_000 },
    description: 'Open connections; one more is closed at once.',
  },
  connectionsPerAddress: {
    ...{ variable: 'ISTHMUS_MAX_CONNECTIONS_PER_ADDRESS', default: 1000, least: 1, most: 1_000_000 },
    description: 'The same from one address (IPv6: /64), those of trusted proxies apart.',
  },
  requestsPerAddress: {
    ...{ variable: 'ISTHMUS_MAX_REQUESTS_PER_ADDRESS', default: 60_000, least: 1, most: 100_000_000 },
    description:
      'Requests within a minute from one address (IPv6: /64), over all gateways of the database; this machine is not counted (429 with Retry-After).',
  },
  requestsPerClient: {
    ...{ variable: 'ISTHMUS_MAX_REQUESTS_PER_CLIENT', default: 120_000, least: 1, most: 100_000_000 },
    description: 'Requests within a minute to the FHIR API by tokens of one client, over all gateways (429).',
  },
  requestMilliseconds: {
    ...{ variable: 'ISTHMUS_MAX_REQUEST_MS', default: 10_000, least: 10, most: 600_000 },
    description: 'Milliseconds that an answer may take; what MongoDB is still doing for it then is ended (504).',
  },
  bundleMilliseconds: {
    ...{ variable: 'ISTHMUS_MAX_BUNDLE_MS', default: 25_000, least: 10, most: 600_000 },
    description: 'The same for a batch or transaction.',
  },
  heavyAtOnce: {
    ...{ variable: 'ISTHMUS_MAX_HEAVY', default: 16, least: 1, most: 1000 },
    description:
      'Heavy requests a process works on at once: bundles, searches with chains or includes, the history of everything.',
  },
  heavyWaiting: {
    ...{ variable: 'ISTHMUS_MAX_HEAVY_WAITING', default: 256, least: 0, most: 100_000 },
    description: 'Heavy requests that wait for their turn; one more is turned away (429 with Retry-After).',
  },
  bundleEntries: {
    ...{ variable: 'ISTHMUS_MAX_BUNDLE_ENTRIES', default: 1000, least: 1, most: 100_000 },
    description: 'Entries of a batch or transaction (413).',
  },
  conditionalDeletes: {
    ...{ variable: 'ISTHMUS_MAX_CONDITIONAL_DELETE', default: 1, least: 1, most: 10_000 },
    description:
      'How many resources a conditional delete may take, all or none; 1: it is refused where several fit (412).',
  },
  pageSize: {
    ...{ variable: 'ISTHMUS_MAX_PAGE_SIZE', default: 1000, least: 1, most: 10_000 },
    description: 'Matches or versions on a page; a larger _count is cut to it, and the self link says so.',
  },
  searchValues: {
    ...{ variable: 'ISTHMUS_MAX_SEARCH_VALUES', default: 250, least: 1, most: 10_000 },
    description: 'Values of all parameters of a search together (413).',
  },
  included: {
    ...{ variable: 'ISTHMUS_MAX_INCLUDED', default: 1000, least: 1, most: 10_000 },
    description: 'Resources that _include and _revinclude bring to a page (413).',
  },
  everythingEntries: {
    ...{ variable: 'ISTHMUS_MAX_EVERYTHING', default: 10_000, least: 1, most: 1_000_000 },
    description:
      'Resources of a record that $everything answers at once without _count; what is more is on a next page. A document or summary of more is refused (413).',
  },
  includeRounds: {
    ...{ variable: 'ISTHMUS_MAX_INCLUDE_ROUNDS', default: 8, least: 1, most: 64 },
    description: 'How often :iterate follows what was included (413).',
  },
  graphqlDepth: {
    ...{ variable: 'ISTHMUS_MAX_GRAPHQL_DEPTH', default: 16, least: 2, most: 100 },
    description: 'Levels of a GraphQL query, fragments included (413).',
  },
  graphqlFields: {
    ...{ variable: 'ISTHMUS_MAX_GRAPHQL_FIELDS', default: 1000, least: 10, most: 100_000 },
    description: 'Fields that a GraphQL query names, those of a fragment wherever it is used (413).',
  },
  graphqlAliases: {
    ...{ variable: 'ISTHMUS_MAX_GRAPHQL_ALIASES', default: 50, least: 0, most: 10_000 },
    description: 'Aliases in a GraphQL query (413).',
  },
  graphqlResources: {
    ...{ variable: 'ISTHMUS_MAX_GRAPHQL_RESOURCES', default: 10_000, least: 1, most: 1_000_000 },
    description:
      'Resources a GraphQL query may ask for: each search counts its _count, each followed reference one (413).',
  },
  importBytes: {
    ...{ variable: 'ISTHMUS_MAX_IMPORT_BYTES', default: 4096 * MEBIBYTE, least: 1024, most: 1024 * 1024 * MEBIBYTE },
    description: 'Bytes of NDJSON that are sent to be imported, unpacked (413); files of the folder have no limit.',
  },
  breakGlassSeconds: {
    ...{ variable: 'ISTHMUS_BREAK_GLASS_SECONDS', default: 3600, least: 1, most: 86_400 },
    description: 'Seconds for which $break-glass opens what is confidential in the record of a patient.',
  },
  bulkJobs: {
    ...{ variable: 'ISTHMUS_MAX_BULK_JOBS', default: 4, least: 1, most: 1000 },
    description:
      'Exports and imports of a tenant that are open at once; one more is turned away (429 with Retry-After).',
  },
  bulkKeepSeconds: {
    ...{ variable: 'ISTHMUS_BULK_KEEP_SECONDS', default: 86_400, least: 1, most: 31_536_000 },
    description: 'Seconds that the files of an export, or the report of an import, are kept after its end.',
  },
  bulkFileResources: {
    ...{ variable: 'ISTHMUS_BULK_FILE_RESOURCES', default: 50_000, least: 1, most: 10_000_000 },
    description:
      'Resources in one file of an export; an export that was interrupted goes on after its last whole file.',
  },
  emailsPerMinute: {
    ...{ variable: 'ISTHMUS_MAX_EMAILS_PER_MINUTE', default: 600, least: 1, most: 10_000_000 },
    description: 'Emails that go out within a minute, over all workers; more wait.',
  },
  smsPerMinute: {
    ...{ variable: 'ISTHMUS_MAX_SMS_PER_MINUTE', default: 600, least: 1, most: 10_000_000 },
    description: 'The same for SMS.',
  },
  pushesPerMinute: {
    ...{ variable: 'ISTHMUS_MAX_PUSHES_PER_MINUTE', default: 6000, least: 1, most: 10_000_000 },
    description: 'The same for pushes.',
  },
  subscriptions: {
    ...{ variable: 'ISTHMUS_MAX_SUBSCRIPTIONS', default: 500, least: 0, most: 100_000 },
    description: 'Subscriptions of a tenant that are on (422): each change is held against all of them.',
  },
  subscriptionEventDays: {
    ...{ variable: 'ISTHMUS_SUBSCRIPTION_EVENT_DAYS', default: 30, least: 1, most: 3650 },
    description: 'Days for which $events gives what a receiver has taken; what none has taken is kept.',
  },
  auditYears: {
    ...{ variable: 'ISTHMUS_AUDIT_YEARS', default: 7, least: 7, most: 1000 },
    description: 'Years that audit events are kept; never fewer than seven.',
  },
  auditSpoolBytes: {
    ...{ variable: 'ISTHMUS_MAX_AUDIT_BYTES', default: 1024 * MEBIBYTE, least: 1, most: 1024 * 1024 * MEBIBYTE },
    description:
      'Bytes of the audit of reads that wait in files for the database; when there are more, reads are refused (503).',
  },
} as const satisfies Record<string, Limit>

export type Limits = Readonly<Record<keyof typeof limitTable, number>>

export const defaultLimits: Limits = limitsFrom((limit) => limit.default)

export function limitsFrom(value: (limit: Limit) => number): Limits {
  const entries = Object.entries(limitTable).map(([name, limit]) => [name, value(limit)])
  return Object.fromEntries(entries) as Limits
}
