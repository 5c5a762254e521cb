/** The gateway's own database: its collections, and the source databases beside it on the same servers. */
import type { Collection, Db, MongoClient } from 'mongodb'
import type { AuditDocument, AuditHead, AuditLink, AuditNote } from './audit-documents.ts'
import type { ClientDocument } from './clients.ts'
import type { ClinicSettingsDocument } from './clinic-settings.ts'
import type {
  BackfillDocument,
  CounterDocument,
  GuardDocument,
  IndexingDocument,
  MappingSetDocument,
  LeaseDocument,
  MetaDocument,
  OutboxDocument,
  ParkedDocument,
  PendingDocument,
  PositionDocument,
  ProblemDocument,
  ResourceDocument,
  RowDocument,
  TenantDocument,
  UploadDocument,
  VersionDocument,
  WriterDocument,
} from './documents.ts'
import type { AccountDocument } from './accounts.ts'
import type { AuthorizationDocument } from './authorization.ts'
import type { ErasureDocument } from './erasures.ts'
import type { GrantDocument } from './grants.ts'
import type { HoldDocument } from './holds.ts'
import type { KeptAnswerDocument } from './kept-answers.ts'
import type { InvitationDocument } from './invitations.ts'
import type { JobDocument, RefusalDocument } from './job-documents.ts'
import type { LaunchDocument } from './launches.ts'
import type { MessageChoiceDocument } from './message-choices.ts'
import type { OpeningDocument } from './openings.ts'
import type { HandoutDocument } from './handouts.ts'
import type { OwedDocument } from './owed.ts'
import type { PlannedDocument } from './planned.ts'
import type { BindingDocument, SubscriptionDocument, SubscriptionEventDocument } from './subscription-documents.ts'
import type { Seals } from '../seal/seals.ts'
import { noSeals } from '../seal/seals.ts'
import type { PermissionDocument, RoleDocument, RolePermissionDocument, UserRoleDocument } from './roles.ts'

export interface Store {
  readonly client: MongoClient
  readonly db: Db
  /** what seals and opens what is stored sealed */
  readonly seals: Seals
  readonly resources: Collection<ResourceDocument>
  readonly versions: Collection<VersionDocument>
  readonly rows: Collection<RowDocument>
  readonly problems: Collection<ProblemDocument>
  readonly tenants: Collection<TenantDocument>
  readonly pending: Collection<PendingDocument>
  readonly positions: Collection<PositionDocument>
  readonly backfills: Collection<BackfillDocument>
  readonly leases: Collection<LeaseDocument>
  readonly meta: Collection<MetaDocument>
  readonly outbox: Collection<OutboxDocument>
  readonly parked: Collection<ParkedDocument>
  readonly owed: Collection<OwedDocument>
  readonly handouts: Collection<HandoutDocument>
  readonly planned: Collection<PlannedDocument>
  readonly mappingSets: Collection<MappingSetDocument>
  readonly guards: Collection<GuardDocument>
  readonly counters: Collection<CounterDocument>
  readonly indexing: Collection<IndexingDocument>
  readonly writers: Collection<WriterDocument>
  readonly uploads: Collection<UploadDocument>
  readonly jobs: Collection<JobDocument>
  readonly refusals: Collection<RefusalDocument>
  readonly clients: Collection<ClientDocument>
  readonly accounts: Collection<AccountDocument>
  readonly invitations: Collection<InvitationDocument>
  readonly roles: Collection<RoleDocument>
  readonly permissions: Collection<PermissionDocument>
  readonly userRoles: Collection<UserRoleDocument>
  readonly rolePermissions: Collection<RolePermissionDocument>
  readonly authorization: Collection<AuthorizationDocument>
  readonly grants: Collection<GrantDocument>
  readonly launches: Collection<LaunchDocument>
  readonly audit: Collection<AuditDocument>
  /** in the same collection */
  readonly auditNotes: Collection<AuditNote>
  readonly auditChain: Collection<AuditLink>
  readonly auditHeads: Collection<AuditHead>
  readonly restrictions: Collection<CounterDocument>
  readonly openings: Collection<OpeningDocument>
  readonly keptAnswers: Collection<KeptAnswerDocument>
  readonly clinicSettings: Collection<ClinicSettingsDocument>
  readonly messageChoices: Collection<MessageChoiceDocument>
  readonly holds: Collection<HoldDocument>
  readonly erasures: Collection<ErasureDocument>
  readonly subscriptions: Collection<SubscriptionDocument>
  readonly subscriptionEvents: Collection<SubscriptionEventDocument>
  readonly bindings: Collection<BindingDocument>
}

type CollectionName = Exclude<keyof Store, 'client' | 'db' | 'seals'>

/** As the database has them. */
const NAMES: Readonly<Record<CollectionName, string>> = {
  resources: 'resources',
  versions: 'versions',
  rows: 'rows',
  problems: 'problems',
  tenants: 'tenants',
  pending: 'pending',
  positions: 'positions',
  backfills: 'backfills',
  leases: 'leases',
  meta: 'meta',
  outbox: 'outbox',
  parked: 'parked',
  owed: 'owed',
  handouts: 'handouts',
  planned: 'planned',
  mappingSets: 'mappingSets',
  guards: 'guards',
  counters: 'counters',
  indexing: 'indexing',
  writers: 'writers',
  uploads: 'uploads',
  jobs: 'jobs',
  refusals: 'refusals',
  audit: 'audit',
  auditNotes: 'audit',
  auditChain: 'auditChain',
  auditHeads: 'auditHeads',
  restrictions: 'restrictions',
  openings: 'openings',
  keptAnswers: 'keptAnswers',
  clinicSettings: 'clinicSettings',
  messageChoices: 'messageChoices',
  holds: 'holds',
  erasures: 'erasures',
  subscriptions: 'subscriptions',
  subscriptionEvents: 'subscriptionEvents',
  bindings: 'bindings',
  clients: 'clients',
  accounts: 'accounts',
  invitations: 'invitations',
  roles: 'roles',
  permissions: 'permissions',
  userRoles: 'userRoles',
  rolePermissions: 'rolePermissions',
  authorization: 'authorization',
  grants: 'grants',
  launches: 'launches',
}

export function openStore(client: MongoClient, database: string, seals = noSeals): Store {
  const db = client.db(database)
  const collections = Object.entries(NAMES).map(([member, name]) => [member, db.collection(name)])
  return { client, db, seals, ...(Object.fromEntries(collections) as Omit<Store, 'client' | 'db' | 'seals'>) }
}
