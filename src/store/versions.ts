/** Every version of every resource: read by number, and as history, newest first. */
import type { Collection, Filter } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import { GatewayError } from '../kernel/errors.ts'
import { coalesceReads } from './coalesced-reads.ts'
import { withDeadline } from './deadline.ts'
import type { VersionDocument } from './documents.ts'
import type { ResourceStore } from './resources.ts'

/** Of one resource, of one type, or of everything. */
export interface HistoryScope {
  readonly type?: string
  readonly id?: string
}

export interface HistoryPage {
  readonly limit: number
  readonly since?: Date
  /** the last entry of the page before: its `_id` and, except for one resource, its time */
  readonly after?: Pick<VersionDocument, '_id' | 'u'>
}

export interface VersionStore {
  read(permit: Permit, type: string, id: string, version: number): Promise<VersionDocument | undefined>
  history(permit: Permit, scope: HistoryScope, page: HistoryPage): Promise<VersionDocument[]>
  /** Of one resource. */
  count(permit: Permit, type: string, id: string, since: Date | undefined): Promise<number>
}

export function createVersionStore(versions: Collection<VersionDocument>, resources: ResourceStore): VersionStore {
  const readOne = coalesceReads(versions, { v: 1, u: 1, method: 1, body: 1 }, () => undefined)

  /** Versions have no search keys: who sees the resource as it is now sees what it was. */
  async function sees(permit: Permit, type: string, id: string): Promise<boolean> {
    return permit.wholeTenant || (await resources.read(permit, type, id)) !== undefined
  }

  return {
    async read(permit, type, id, version) {
      if (!(await sees(permit, type, id))) return undefined
      return readOne(permit, type, `${permit.tenant}/${type}/${id}/${String(version).padStart(10, '0')}`)
    },
    async history(permit, { type, id }, page) {
      if (type !== undefined && id !== undefined) {
        return (await sees(permit, type, id))
          ? find(versions, instanceFilter(permit, type, id, page), { _id: -1 }, page)
          : []
      }
      refuseUnlessWhole(permit)
      return find(versions, timeFilter(permit, type, page), { u: -1, _id: -1 }, page)
    },
    async count(permit, type, id, since) {
      if (!(await sees(permit, type, id))) return 0
      return withDeadline((deadline) => versions.countDocuments(instanceFilter(permit, type, id, { since }), deadline))
    },
  }
}

function refuseUnlessWhole({ wholeTenant }: Permit): void {
  if (!wholeTenant)
    throw new GatewayError('GW_FORBIDDEN', 'The history of a type needs the right to see all of the type.')
}

function find(
  versions: Collection<VersionDocument>,
  filter: Filter<VersionDocument>,
  sort: Record<string, -1>,
  { limit }: HistoryPage,
): Promise<VersionDocument[]> {
  return withDeadline((deadline) => versions.find(filter, { sort, limit, batchSize: limit + 1, ...deadline }).toArray())
}

/** `/` and the character after it enclose all versions: no id holds either. */
function instanceFilter(
  { tenant }: Permit,
  type: string,
  id: string,
  { since, after }: { since?: Date | undefined; after?: Pick<VersionDocument, '_id'> },
): Filter<VersionDocument> {
  const path = `${tenant}/${type}/${id}`
  return { _id: { $gt: `${path}/`, $lt: after?._id ?? `${path}0` }, ...(since && { u: { $gte: since } }) }
}

function timeFilter(
  { tenant }: Permit,
  type: string | undefined,
  { since, after }: HistoryPage,
): Filter<VersionDocument> {
  const within = type === undefined ? { t: tenant } : { tt: `${tenant}/${type}` }
  const from = since === undefined ? {} : { $gte: since }
  if (after === undefined) return { ...within, ...(since && { u: from }) }
  return { ...within, $or: [{ u: { ...from, $lt: after.u } }, { u: after.u, _id: { $lt: after._id } }] }
}
