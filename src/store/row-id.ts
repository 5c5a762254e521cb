/**
 * Names of source rows in the gateway's own collections: `<instance>/<collection>/<_id as text>`.
 *
 * The text of an `_id` is one to one: the 24 hex digits of an ObjectId stand bare, everything else is EJSON.
 */
import { BSON, ObjectId } from 'mongodb'

/** A source row: the unit of projection. */
export interface RowRef {
  readonly instance: string
  readonly collection: string
  readonly _id: unknown
}

export function rowId({ instance, collection, _id }: RowRef): string {
  return `${collectionKey(instance, collection)}/${idText(_id)}`
}

export function collectionKey(instance: string, collection: string): string {
  return `${instance}/${collection}`
}

export function idText(id: unknown): string {
  return id instanceof ObjectId ? id.toHexString() : BSON.EJSON.stringify(id, { relaxed: false })
}
