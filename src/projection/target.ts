/** Which stored resource a write means: the one with an id, or the one that a condition fits, as the transaction sees it. */
import { only } from '../access/allowed.ts'
import { everythingOf } from '../access/permit.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { ResourceDocument } from '../store/documents.ts'
import { permitted } from '../store/permit-filter.ts'
import { at, findAmong } from '../store/reads.ts'
import { readerAt } from '../store/resource-reader.ts'
import { opened } from '../store/sealed-bodies.ts'
import type { Condition, Operation, Remove, Update, WriteOperation } from './operation.ts'
import type { WriteScope } from './write-scope.ts'

export function readTarget(scope: WriteScope, operation: Update | Remove): Promise<ResourceDocument | undefined> {
  const { type } = operation
  return 'id' in operation ? readCurrent(scope, type, operation.id) : findOne(scope, type, operation.where)
}

/** All at once; what a snapshot was asked for is not read again. */
export async function readTargets(
  { store, permit, session }: WriteScope,
  operations: readonly WriteOperation[],
): Promise<void> {
  const ids = operations.flatMap((each) => ('id' in each ? [`${permit.tenant}/${each.type}/${each.id}`] : []))
  if (ids.length > 1) await findAmong(session, store.resources, '_id', ids)
}

export async function readCurrent(
  { store, permit, session }: WriteScope,
  type: string,
  id: string,
): Promise<ResourceDocument | undefined> {
  const [found] = await findAmong(session, store.resources, '_id', [`${permit.tenant}/${type}/${id}`])
  return found?.t === permit.tenant ? opened(store, found) : undefined
}

export async function findOne(
  scope: WriteScope,
  type: string,
  condition: Condition,
): Promise<ResourceDocument | undefined> {
  const found = await findOnly(scope, condition)
  // Only who is about to create stands in the way of others: those who find what is there need not wait for each other
  if (!found) scope.writes.guards.push(guardOf(scope, type, condition))
  return found
}

/** Whoever asks is told no more than that it is taken: what is there is looked for with everybody's eyes. */
export async function assertFree(
  { store, permit, session, writes }: WriteScope,
  { free }: Operation,
  own?: Pick<ResourceDocument, '_id'>,
): Promise<void> {
  if (!free) return
  writes.guards.push(`${permit.tenant}/${free.name}`)
  const filter = await free.condition.filter(readerAt(store, at(session)))
  const found = await store.resources
    .find(permitted(everythingOf(permit.tenant), filter), at(session))
    .limit(2)
    .toArray()
  if (found.some(({ _id }) => _id !== own?._id)) throw new GatewayError('GW_CONFLICT', free.taken)
}

/** Names of guards are kept, so none says a value that is sealed elsewhere. */
function guardOf({ permit: { tenant }, plan, store }: WriteScope, type: string, { key }: Condition): string {
  const name = plan.sealed.has(type) ? store.seals.blind(tenant, '$guard', key) : key
  return `${tenant}/${type}?${name}`
}

/** Adds what conditional references mean (R4 http.html#trules): each exactly one resource, else 412. */
export async function resolveReferences(
  scope: WriteScope,
  references: ReadonlyMap<string, Condition> = new Map(),
  urls: Map<string, string>,
): Promise<void> {
  for (const [text, condition] of references) {
    if (urls.has(text)) continue
    const found = await findOnly(scope, condition)
    if (!found) throw new GatewayError('GW_PRECONDITION', 'A conditional reference fits no resource; create it first.')
    urls.set(text, nameOf(found))
  }
}

/** Throws 412 when more than one resource fits. */
async function findOnly(
  { store, permit, session }: WriteScope,
  condition: Condition,
): Promise<ResourceDocument | undefined> {
  const filter = await condition.filter(readerAt(store, at(session)))
  const [found, second] = await store.resources
    .find(permitted(only(permit, 's'), filter), at(session))
    .limit(2)
    .toArray()
  if (second) throw new GatewayError('GW_PRECONDITION', 'The condition fits more than one resource; make it narrower.')
  return found && opened(store, found)
}

export function idOf({ _id }: Pick<ResourceDocument, '_id'>): string {
  return _id.slice(_id.lastIndexOf('/') + 1)
}

/** `Patient/1` */
export function nameOf({ _id }: Pick<ResourceDocument, '_id'>): string {
  return _id.slice(_id.indexOf('/') + 1)
}
