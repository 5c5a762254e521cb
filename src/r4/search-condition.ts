/**
 * What a search asks of search keys, without saying how a database finds it: the store turns it into a query, and what
 * has only one resource in hand (a subscription) can answer it itself.
 */

export interface Bounds<T> {
  readonly gt?: T
  readonly gte?: T
  readonly lt?: T
  readonly lte?: T
}

/** Of `SearchKeys.k`: one of these texts, or one that begins with one of these. */
interface KeyCondition {
  readonly kind: 'key'
  readonly texts?: readonly string[]
  readonly prefixes?: readonly string[]
}

interface DateCondition {
  readonly kind: 'date'
  readonly parameter: string
  readonly low?: Bounds<Date>
  readonly high?: Bounds<Date>
}

/** `unit` without a system is the code or the unit as people read it. */
interface NumberCondition {
  readonly kind: 'number'
  readonly parameter: string
  readonly low?: Bounds<number>
  readonly high?: Bounds<number>
  readonly system?: string
  readonly unit?: string
}

interface IdCondition {
  readonly kind: 'id'
  readonly ids: readonly string[]
}

interface UpdatedCondition {
  readonly kind: 'updated'
  readonly bounds: Bounds<Date>
}

interface AnyCondition {
  readonly kind: 'any'
  readonly of: readonly Condition[]
}

export type Condition = KeyCondition | DateCondition | NumberCondition | IdCondition | UpdatedCondition | AnyCondition
