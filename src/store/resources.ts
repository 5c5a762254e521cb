/**
 * Current resources: read by id and searched. Every call takes a Permit and what it shows is part of the query.
 *
 * Pages continue after the last resource of the one before (keyset), so a later page costs what the first does.
 */
import type { Collection, Document } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import type { Condition } from '../r4/search-condition.ts'
import type { SortKey } from '../r4/keys/shape.ts'
import { coalesceReads } from './coalesced-reads.ts'
import { withDeadline } from './deadline.ts'
import type { ResourceDocument } from './documents.ts'
import { resourceFilter, type ResourceFilter } from './predicate.ts'

/** Of a document, what an answer needs. */
export type StoredResource = Pick<ResourceDocument, '_id' | 'v' | 'u' | 'deleted' | 'body'>

/** `by`: a search parameter with sort keys, `_id` or `_lastUpdated`. */
export interface SortRule {
  readonly by: string
  readonly descending: boolean
}

/** The values a resource is sorted by, in the order of the rules; undefined where it has none. Then its id. */
export interface Position {
  readonly values: readonly (SortKey | undefined)[]
  readonly id: string
}

export interface Search {
  readonly type: string
  readonly conditions: readonly Condition[]
  readonly sort: readonly SortRule[]
  readonly limit: number
  readonly after?: Position
}

export interface FoundResource extends StoredResource {
  readonly position: Position
}

export interface ResourceStore {
  read(permit: Permit, type: string, id: string): Promise<StoredResource | undefined>
  search(permit: Permit, search: Search): Promise<FoundResource[]>
  count(permit: Permit, type: string, conditions: readonly Condition[]): Promise<number>
}

const answerFields = { v: 1, u: 1, deleted: 1, body: 1 } as const

export function createResourceStore(resources: Collection<ResourceDocument>): ResourceStore {
  const readOne = coalesceReads(resources, answerFields, (permit, type) => resourceFilter(permit, type, []))
  return {
    read: (permit, type, id) => readOne(permit, type, `${permit.tenant}/${type}/${id}`),
    async search(permit, search) {
      const filter = resourceFilter(permit, search.type, search.conditions)
      if (filter === undefined || search.limit === 0) return []
      return withDeadline(async (deadline) => {
        const documents = await resources
          .aggregate<ResourceDocument>(searchPipeline(filter, search, permit.tenant), {
            batchSize: search.limit + 1,
            ...deadline,
          })
          .toArray()
        return documents.map((document) => ({ ...document, position: positionOf(document, search.sort) }))
      })
    },
    async count(permit, type, conditions) {
      const filter = resourceFilter(permit, type, conditions)
      return filter === undefined ? 0 : withDeadline((deadline) => resources.countDocuments(filter, deadline))
    },
  }
}

export function searchPipeline(filter: ResourceFilter, search: Search, tenant: string): Document[] {
  const { sort, limit, after, type, conditions } = search
  const prefix = `${tenant}/${type}/`
  const unrestricted = sort.length === 0 && conditions.length === 0
  const flags = sort.filter(isOptional).map(({ by }) => [absence(by), { $eq: [{ $type: `$${field(by)}` }, 'missing'] }])
  return [
    { $match: filter },
    ...(unrestricted ? [{ $match: { _id: { $gte: prefix, $lt: `${tenant}/${type}0` } } }] : []),
    ...(after === undefined ? [] : [{ $match: beyond(after, sort, prefix) }]),
    ...(flags.length === 0 ? [] : [{ $set: Object.fromEntries(flags) as Document }]),
    { $sort: unrestricted ? { _id: 1 } : { tt: 1, ...sortPattern(sort) } },
    { $limit: limit },
    { $project: { ...answerFields, ...Object.fromEntries(sort.map(({ by }) => [field(by), 1])) } },
  ]
}

/**
 * Values that are missing come last, whichever the direction. `tt`, of which there is one, goes before: for `_id` alone
 * the planner may walk the whole `_id` index in search of few matches.
 */
function sortPattern(sort: readonly SortRule[]): Record<string, 1 | -1> {
  const parts = sort.flatMap((rule): [string, 1 | -1][] => {
    const part: [string, 1 | -1] = [field(rule.by), rule.descending ? -1 : 1]
    return isOptional(rule) ? [[absence(rule.by), 1], part] : [part]
  })
  const { by, descending = false } = sort.at(-1) ?? {}
  return Object.fromEntries(by === '_id' ? parts : [...parts, ['_id', by === '_lastUpdated' && descending ? -1 : 1]])
}

/** What comes after a position: equal in the first n values and beyond in the next, for each n. */
function beyond({ values, id }: Position, sort: readonly SortRule[], prefix: string): object {
  const directions = sortPattern(sort)
  const equal: object[] = []
  const alternatives: object[] = []
  sort.forEach((rule, index) => {
    if (rule.by === '_id') return
    const name = field(rule.by)
    const value = values[index]
    const absent = { [name]: { $exists: false } }
    if (value !== undefined) {
      const later = { [name]: { [rule.descending ? '$lt' : '$gt']: value } }
      alternatives.push({ $and: [...equal, isOptional(rule) ? { $or: [later, absent] } : later] })
    }
    equal.push(value === undefined ? absent : { [name]: value })
  })
  alternatives.push({ $and: [...equal, { _id: { [directions['_id'] === -1 ? '$lt' : '$gt']: prefix + id } }] })
  return { $or: alternatives }
}

function positionOf(document: ResourceDocument, sort: readonly SortRule[]): Position {
  const id = document._id.slice(document._id.lastIndexOf('/') + 1)
  const values = sort.map(({ by }) => (by === '_id' ? id : by === '_lastUpdated' ? document.u : document.o?.[by]))
  return { values, id }
}

function field(by: string): string {
  return by === '_id' ? '_id' : by === '_lastUpdated' ? 'u' : `o.${by}`
}

function isOptional({ by }: SortRule): boolean {
  return by !== '_id' && by !== '_lastUpdated'
}

function absence(by: string): string {
  return `absent-${by}`
}
