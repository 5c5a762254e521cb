/**
 * What is sent may name what its sender may not see. Such a write goes the way of one that names what never was: nothing of
 * it is read, so the answer tells nothing of it, nor does the number of commands.
 */
import type { Resource } from '@medplum/fhirtypes'
import { SEEING, isAllowed } from '../access/allowed.ts'
import { naming } from '../access/naming.ts'
import { linksIn } from '../r4/links.ts'
import { parseJson } from '../r4/json.ts'
import { parseReference } from '../r4/references.ts'
import type { ResourceDocument } from '../store/documents.ts'
import type { Place } from '../store/reads.ts'
import { findAmong } from '../store/reads.ts'
import { collectionKey, idText } from '../store/row-id.ts'
import type { WriteScope } from './write-scope.ts'

/** `stored`: what it names already is no secret to who may change it. */
export async function withoutHidden(
  scope: WriteScope,
  sent: Resource,
  stored?: Pick<ResourceDocument, 'body' | 'origin'>,
): Promise<WriteScope> {
  const { permit, store, session } = scope
  if (permit.rules === 'everything') return scope
  const known = new Set(stored ? linksIn(parseJson(stored.body)) : [])
  const names = new Set(linksIn(sent).flatMap((link) => (known.has(link) ? [] : nameIn(link))))
  if (names.size === 0) return scope
  const found = await findAmong(
    session,
    store.resources,
    '_id',
    [...names].map((name) => `${permit.tenant}/${name}`),
  )
  const hidden = found.filter((each) => isHidden(scope, each) && each.origin?.row !== stored?.origin?.row)
  return hidden.length === 0
    ? scope
    : { ...scope, session: session.without(hidden.flatMap((each) => placesOf(scope, each))) }
}

/** Another version of it, or the same by an absolute address, tells no less of it. */
function nameIn(link: string): string[] {
  const parts = parseReference(link)
  return parts ? [`${parts.type}/${parts.id}`] : []
}

function isHidden({ permit }: WriteScope, { _id, deleted, k, d }: ResourceDocument): boolean {
  const [, type = '', id = ''] = _id.split('/')
  return !deleted && !isAllowed(naming(permit), SEEING, type, id, { k, d })
}

/** The resource, and the row that gives it. */
function placesOf({ store, plan }: WriteScope, { _id, origin }: ResourceDocument): Place[] {
  const resource = { namespace: store.resources.namespace, text: idText(_id) }
  if (!origin) return [resource]
  const place = plan.collections.get(collectionKey(origin.instance, origin.collection))
  const text = origin.row.slice(collectionKey(origin.instance, origin.collection).length + 1)
  return [
    resource,
    { namespace: store.rows.namespace, text: idText(origin.row) },
    ...(place ? [{ namespace: `${place.database}.${place.collection}`, text }] : []),
  ]
}
