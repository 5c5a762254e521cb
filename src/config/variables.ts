/**
 * Every variable of the environment, once: the configuration, `.env.example` and docs/configuration.md all come from
 * this list. `<SYSTEM>` stands for the code of a source system in capitals.
 */
import { limitTable } from '../kernel/limits.ts'

export interface Variable {
  readonly name: string
  readonly default?: string
  readonly description: string
  readonly secret?: true
}

export const variables: readonly Variable[] = [
  {
    name: 'MONGODB_URI',
    secret: true,
    description:
      'MongoDB replica set or sharded cluster that holds sources and gateway; its own embedded MongoDB when absent.',
  },
  { name: 'REDIS_URL', secret: true, description: 'Redis for the queues; its own embedded Redis when absent.' },
  { name: 'HOST', default: '127.0.0.1', description: 'Address to listen on.' },
  { name: 'PORT', default: '8080', description: 'Port to listen on; 0 takes a free one.' },
  {
    name: 'PUBLIC_URL',
    description:
      'URL under which clients reach the gateway; http://HOST:PORT when absent. What names another host is refused (421); a gateway on loopback also answers to localhost.',
  },
  {
    name: 'ISTHMUS_WORKER_PORT',
    description:
      'Port on which isthmus worker answers /health/live, /health/ready and /metrics; 0 takes a free one. None when absent.',
  },
  {
    name: 'ISTHMUS_WORKER_HOST',
    default: '127.0.0.1',
    description: 'Address it listens on for that; /metrics is open to whoever reaches it.',
  },
  { name: 'ISTHMUS_DATA_DIR', default: '.data', description: 'Folder of the embedded services and of files.' },
  {
    name: 'ISTHMUS_DEMO',
    description: 'true: load the demo content once. Default: true when the services are embedded.',
  },
  {
    name: 'ISTHMUS_AUTH',
    default: 'smart',
    description: 'smart: every request carries a token of the authorization server; off: none does (loopback only).',
  },
  {
    name: 'ISTHMUS_CANONICAL_BASE',
    default: 'https://interop.example.org',
    description: 'Constant in identifiers, code systems and profiles; not the URL of the server.',
  },
  { name: 'ISTHMUS_MAPPINGS', default: 'mappings', description: 'Folder of the mappings.' },
  {
    name: 'ISTHMUS_PROFILES',
    default: 'profiles',
    description: 'Folder of profiles, code systems and search parameters.',
  },
  {
    name: 'ISTHMUS_VALIDATION',
    description:
      'YAML: what becomes of writes that break invariants of R4 or profiles they claim, each refuse, warn or off; for all, or by tenant: {invariants: refuse, profiles: warn, tenants: {clinic-a: {profiles: refuse}}}. Both warn when absent (docs/validation.md).',
  },
  {
    name: 'ISTHMUS_PACKAGES',
    description:
      'Folder of FHIR packages of others (US Core, IPS, …), each as .tgz or unpacked: what they define can be validated against and looked up. None when absent.',
  },
  { name: 'ISTHMUS_DATABASE', default: 'isthmus', description: "The gateway's own database." },
  {
    name: '<SYSTEM>_DATABASE',
    description: "Database of a source system; the system's code when absent (HMS_DATABASE: hms).",
  },
  {
    name: '<SYSTEM>_TIME_ZONE',
    default: 'UTC',
    description: 'IANA time zone of a source system, for times it stores without one (HMS_TIME_ZONE).',
  },
  {
    name: 'ISTHMUS_SOURCES',
    description:
      'YAML list of {system, database, tenant, timeZone, jobs, storages}; one instance of each system when absent. Storages are where files of its rows may be fetched (docs/files.md).',
  },
  {
    name: 'ISTHMUS_SIGNING_KEYS',
    description:
      'JWKS file with the private RSA keys of the authorization server: the first signs, all are published. Needed except in the demo, which makes its own.',
  },
  {
    name: 'ISTHMUS_ENCRYPTION_KEYS',
    description:
      'JSON key set that stored secrets and sealed fields are encrypted with (docs/sealed-fields.md): the first seals, the others only open. Needed except in the demo and with ISTHMUS_AUTH=off, which make their own.',
  },
  {
    name: 'ISTHMUS_KEY_COMMAND',
    description:
      'Program that unwraps keys which are in that file as `wrapped`: it reads one on standard input and prints the key in base64. Asked at the start.',
  },
  {
    name: 'ISTHMUS_APP_KEY',
    description:
      'JSON key set for the tokens of the second-opinion app (docs/second-opinion-app.md): the first makes them, all read them. When absent, a gateway with services of its own makes one; any other answers /app and /admin 503.',
  },
  {
    name: 'ISTHMUS_ADMIN_EMAIL',
    description:
      'First administrator, made by a start that finds none; without one, a start that is no demo is refused.',
  },
  {
    name: 'ISTHMUS_ADMIN_PASSWORD_FILE',
    description: "File whose first line is the first administrator's password (12 characters or more).",
  },
  {
    name: 'ISTHMUS_LOGIN_ISSUER',
    description:
      "Issuer of the clinic's own OpenID provider, with which people may sign in (docs/smart.md). Its redirect URI is PUBLIC_URL/oauth/clinic/callback.",
  },
  { name: 'ISTHMUS_LOGIN_CLIENT_ID', description: 'As what that provider knows the gateway.' },
  {
    name: 'ISTHMUS_LOGIN_CLIENT_SECRET_FILE',
    description: 'File with the secret for it; none for a public client.',
  },
  { name: 'ISTHMUS_LOGIN_NAME', default: 'the clinic', description: 'Name of that provider on the sign-in page.' },
  {
    name: 'ISTHMUS_LOGIN_ACR',
    description:
      'Authentication contexts (acr) that are asked of that provider, separated by blanks; one of them must come back. None when absent: who manages accounts or apps then shows a second factor here.',
  },
  {
    name: 'ISTHMUS_TRUSTED_PROXIES',
    description:
      'Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Host are believed, separated by commas; none when absent.',
  },
  {
    name: 'ISTHMUS_SMTP_URL',
    secret: true,
    description:
      'Mail server that messages go out by: smtps://name:password@mail.clinic.example, or smtp:// for one that asks for TLS later (STARTTLS, demanded outside of private networks). No email when absent; the demo writes it to messages/ in ISTHMUS_DATA_DIR.',
  },
  { name: 'ISTHMUS_MAIL_FROM', description: 'Who writes: The Clinic <no-reply@clinic.example>.' },
  {
    name: 'ISTHMUS_SMS_WEBHOOK',
    description:
      'Address that SMS are posted to, signed (docs/notifications.md); https, except within private networks. No SMS when absent; the demo writes them to messages/ too.',
  },
  { name: 'ISTHMUS_PUSH_WEBHOOK', description: 'The same for pushes to devices.' },
  {
    name: 'ISTHMUS_WEBHOOK_SECRETS',
    description:
      'File with the secret that these calls are signed with, whsec_ and base64; while it is changed two lines, both of which sign.',
  },
  {
    name: 'ISTHMUS_OUTBOUND_NETWORKS',
    description:
      'Networks inside that addresses which others name (subscriptions) may lead to, with or without TLS, separated by commas: 10.2.0.0/16, 192.168.7.9. None when absent, and then only the internet is called, by TLS; the demo calls this machine too.',
  },
  {
    name: 'ISTHMUS_SEARCH_WORDS',
    default: 'false',
    description:
      'true: the words of all texts are searched (_text, _content). Every change of a text then changes what is indexed: writes and projection cost more.',
  },
  {
    name: 'ISTHMUS_FILE_TYPES',
    default: '*/*',
    description: 'Media types of files that are taken as Binary, separated by commas: application/pdf, image/* (415).',
  },
  {
    name: 'ISTHMUS_EXPORTS',
    description: 'Folder of what $export writes and $import is sent; exports/ in ISTHMUS_DATA_DIR when absent.',
  },
  {
    name: 'ISTHMUS_S3_BUCKET',
    description: 'Bucket of an S3-compatible store that holds these files instead of a folder.',
  },
  {
    name: 'ISTHMUS_S3_ENDPOINT',
    description: "Its address, such as https://minio.clinic.example; Amazon's when absent.",
  },
  { name: 'ISTHMUS_S3_REGION', default: 'us-east-1', description: 'Its region.' },
  {
    name: 'ISTHMUS_S3_KEYS',
    description:
      'JSON file with accessKeyId and secretAccessKey of that store; when absent, what the machine itself is given (instance role, AWS_… variables).',
  },
  {
    name: 'ISTHMUS_IMPORTS',
    description:
      'Folder with NDJSON files that $import may be told to read, in a folder for each tenant (default/Patient.ndjson); when absent it reads only what is sent to it.',
  },
  { name: 'LOG_LEVEL', default: 'info', description: 'trace, debug, info, warn, error or silent.' },
  ...Object.values(limitTable).map(({ variable, default: value, description }) => ({
    name: variable,
    default: String(value),
    description,
  })),
  {
    name: 'XDG_CACHE_HOME',
    description: 'Folder in which fetched programs of the embedded services are kept; ~/.cache when absent.',
  },
]
