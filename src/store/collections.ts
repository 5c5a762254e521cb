/** The gateway's own database: its collections, and the source databases beside it on the same servers. */
import type { Collection, Db, MongoClient } from 'mongodb'
import type { AuditDocument, AuditHead, AuditLink, AuditNote } from './audit-documents.ts'
import type { ClientDocument } from './clients.ts'
import type {
  BackfillDocument,
  CounterDocument,
  GuardDocument,
  IndexingDocument,
  MappingSetDocument,
  LeaseDocument,
  MetaDocument,
  OutboxDocument,
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
import type { GrantDocument } from './grants.ts'
import type { InvitationDocument } from './invitations.ts'
import type { JobDocument, RefusalDocument } from './job-documents.ts'
import type { LaunchDocument } from './launches.ts'
import type { OpeningDocument } from './openings.ts'
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
}

export function openStore(client: MongoClient, database: string, seals = noSeals): Store {
  const db = client.db(database)
  return {
    client,
    db,
    seals,
    resources: db.collection('resources'),
    versions: db.collection('versions'),
    rows: db.collection('rows'),
    problems: db.collection('problems'),
    tenants: db.collection('tenants'),
    pending: db.collection('pending'),
    positions: db.collection('positions'),
    backfills: db.collection('backfills'),
    leases: db.collection('leases'),
    meta: db.collection('meta'),
    outbox: db.collection('outbox'),
    mappingSets: db.collection('mappingSets'),
    guards: db.collection('guards'),
    counters: db.collection('counters'),
    indexing: db.collection('indexing'),
    writers: db.collection('writers'),
    uploads: db.collection('uploads'),
    jobs: db.collection('jobs'),
    refusals: db.collection('refusals'),
    clients: db.collection('clients'),
    accounts: db.collection('accounts'),
    invitations: db.collection('invitations'),
    roles: db.collection('roles'),
    permissions: db.collection('permissions'),
    userRoles: db.collection('userRoles'),
    rolePermissions: db.collection('rolePermissions'),
    authorization: db.collection('authorization'),
    grants: db.collection('grants'),
    launches: db.collection('launches'),
    ...{ audit: db.collection('audit'), auditNotes: db.collection('audit') },
    ...{ auditChain: db.collection('auditChain'), auditHeads: db.collection('auditHeads') },
    ...{ restrictions: db.collection('restrictions'), openings: db.collection('openings') },
  }
}
