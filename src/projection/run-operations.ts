/** One write after the other, as far as what it reads: what is to be written is gathered in the scope. */
import type { Resource } from '@medplum/fhirtypes'
import { GatewayError } from '../kernel/errors.ts'
import { NotStorableError } from '../mapping/errors.ts'
import type { Routing } from '../mapping/routing.ts'
import { parseJson } from '../r4/json.ts'
import type { ResourceDocument } from '../store/documents.ts'
import type { Changes } from '../store/projected.ts'
import { rowId } from '../store/row-id.ts'
import { changeRows } from './change-rows.ts'
import { changesOf } from './changes.ts'
import { createPlace } from './create-place.ts'
import { DEFINITIONS } from './definitions.ts'
import { createMapped } from './mapped-create.ts'
import { deleteMapped } from './mapped-delete.ts'
import { updateMapped } from './mapped-update.ts'
import { deleteNative, nativeId, writeNative } from './native-write.ts'
import type { Create, Operation, Remove, Update, WriteOperation, Written } from './operation.ts'
import { withoutHidden } from './hidden-references.ts'
import { projectRows } from './project.ts'
import { withReferences } from './references.ts'
import { refusal } from './refusal.ts'
import { assertFree, findOne, idOf, nameOf, readCurrent, readTarget, readTargets, resolveReferences } from './target.ts'
import { gone, idTaken, notFound, ownDefinition, ownedBySource, stale, twice } from './write-errors.ts'
import { assertMayChange, assertMayLeave, assertMayName } from './write-access.ts'
import { BehindError, assertOrdered } from './write-scope.ts'
import type { WriteScope } from './write-scope.ts'

/** What comes of the operations. Throws a GatewayError, which names the operation by `at` where there are several. */
export async function runOperations(
  scope: WriteScope,
  routing: Routing,
  operations: readonly WriteOperation[],
): Promise<Written[]> {
  await readTargets(scope, operations)
  const written: Written[] = []
  const urls = new Map(operations.flatMap(knownUrl))
  const ids = new Set<string>()
  for (const [index, operation] of operations.entries()) {
    if (index > 0) await scope.flush?.()
    for (const done of await runOne(scope, routing, operation, urls)) {
      if ('fullUrl' in operation && operation.fullUrl !== undefined) urls.set(operation.fullUrl, nameOf(done))
      keepSubscription(scope, operation, done)
      if (done.outcome !== 'found' && done.outcome !== 'absent') {
        if (ids.has(done._id)) throw twice(operation.at)
        ids.add(done._id)
      }
      written.push(done)
    }
  }
  accompany(scope, written)
  return written
}

/** What goes with the commit. */
function accompany(scope: WriteScope, written: readonly Written[]): void {
  if (scope.owed) scope.writes.owed.push(scope.owed)
  if (!written.some(hasChanged)) return
  scope.writes.audit.push(...(scope.recordOf?.(written, scope.now) ?? []))
  if (scope.once) scope.writes.done.push({ ...scope.once, written: written.map(versionName) })
}

function hasChanged({ outcome }: Written): boolean {
  return outcome === 'created' || outcome === 'updated' || outcome === 'deleted'
}

/** Also where the resource stays as it is: the secrets in its headers are not in it. */
function keepSubscription(
  { writes, permit, now }: WriteScope,
  operation: WriteOperation,
  { _id, outcome }: Written,
): void {
  const asked = 'subscription' in operation ? operation.subscription?.() : undefined
  if (asked && outcome !== 'found') writes.subscriptions.push({ ...asked, _id, t: permit.tenant, at: now })
}

function versionName(written: Written): string {
  return `${nameOf(written)}/_history/${written.v}`
}

/** What has its id already can be referred to before it is done. */
function knownUrl(operation: WriteOperation): [string, string][] {
  if (operation.method === 'ROWS') return []
  const { method, fullUrl, type } = operation
  const id = method === 'POST' ? operation.reserved : method === 'PUT' && 'id' in operation ? operation.id : undefined
  return id === undefined || fullUrl === undefined ? [] : [[fullUrl, `${type}/${id}`]]
}

async function runOne(
  scope: WriteScope,
  routing: Routing,
  operation: WriteOperation,
  urls: Map<string, string>,
): Promise<Written[]> {
  try {
    if (operation.method === 'ROWS') return await changeRows(scope, operation)
    return [await apply(scope, routing, operation, urls)]
  } catch (error) {
    // Its writer is at it just now: when this is tried again, the row is held first
    if (error instanceof BehindError) for (const ref of error.refs) scope.changed.set(rowId(ref), ref)
    if (error instanceof BehindError && scope.flush) {
      await catchUp(scope, error)
      await scope.flush()
      return runOne(scope, routing, operation, urls)
    }
    const isStorable = operation.method === 'ROWS' || !(error instanceof NotStorableError)
    const known = isStorable ? error : refusal(operation.type, error)
    throw operation.at !== undefined && known instanceof GatewayError ? within(operation.at, known) : known
  }
}

async function apply(
  scope: WriteScope,
  routing: Routing,
  operation: Operation,
  urls: Map<string, string>,
): Promise<Written> {
  await resolveReferences(scope, operation.references, urls)
  if (operation.method === 'POST') {
    await assertFree(scope, operation)
    return create(scope, routing, operation, urls)
  }
  const stored = await readTarget(scope, operation)
  assertMayChange(scope.permit, operation, stored)
  if (stored?.origin?.instance === DEFINITIONS) throw ownDefinition()
  if (operation.version !== undefined && operation.version !== stored?.v) throw stale()
  await assertFree(scope, operation, stored)
  if (operation.method === 'DELETE') return remove(scope, operation, stored)
  if ('id' in operation) return update(scope, operation, operation.id, stored, urls)
  return updateWhere(scope, routing, operation, stored, urls)
}

/** The element as seen from the bundle. */
function within(at: string, error: GatewayError): GatewayError {
  const rest = error.expression === undefined ? '' : error.expression.replace(/^[A-Za-z]+/, '.resource')
  return new GatewayError(error.code, error.message, { expression: at + rest, cause: error })
}

async function create(
  scope: WriteScope,
  routing: Routing,
  { type, resource, unless, reserved, opening, own }: Create,
  urls: ReadonlyMap<string, string>,
): Promise<Written> {
  if (opening) scope.writes.openings.push(opening)
  const found = unless && (await findOne(scope, type, unless))
  if (found) return { ...found, outcome: 'found' }
  const sent = withReferences(resource, urls)
  const seeing = isMapped(scope, type) ? await withoutHidden(scope, sent) : scope
  const place = opening || own ? undefined : await createPlace(seeing, routing, sent)
  if (place) {
    assertOrdered(scope)
    const { id, projection } = await createMapped(seeing, place, sent)
    return settle(scope, id, undefined, projection.changes, 'created')
  }
  const id = nativeId(scope.permit.tenant, type, reserved)
  const write = writeNative(scope, id, undefined, sent)
  return settle(scope, id, undefined, write && changesOf([write]), 'created')
}

async function update(
  scope: WriteScope,
  operation: Update,
  id: string,
  stored: ResourceDocument | undefined,
  urls: ReadonlyMap<string, string>,
): Promise<Written> {
  const { type } = operation
  const current = currentOf(scope, operation, stored)
  const sent = withReferences(operation.edit(current), urls)
  const _id = `${scope.permit.tenant}/${type}/${id}`
  if (stored?.origin) {
    assertOrdered(scope)
    const { changes } = await updateMapped(await withoutHidden(scope, sent, stored), stored, sent)
    return settle(scope, _id, stored, changes, 'updated')
  }
  const write = writeNative(scope, _id, stored, sent)
  return settle(scope, _id, stored, write && changesOf([write]), current ? 'updated' : 'created')
}

/** What one resource fits is updated, what none fits is made: under the id it names, else as a create does. */
async function updateWhere(
  scope: WriteScope,
  routing: Routing,
  operation: Update,
  found: ResourceDocument | undefined,
  urls: ReadonlyMap<string, string>,
): Promise<Written> {
  const { type } = operation
  if (found) {
    const id = idOf(found)
    const edit = (current: Resource | undefined): Resource => withId(operation.edit(current), id)
    return update(scope, { ...operation, edit }, id, found, urls)
  }
  if (operation.existing) throw notFound(type)
  const resource = operation.edit(undefined)
  if (resource.id === undefined) return create(scope, routing, { method: 'POST', type, resource }, urls)
  assertMayName(scope.permit, type)
  if (await readCurrent(scope, type, resource.id)) throw idTaken()
  return update(scope, operation, resource.id, undefined, urls)
}

function withId(sent: Resource, id: string): Resource {
  if (sent.id === undefined) return { ...sent, id }
  if (sent.id === id) return sent
  throw new GatewayError('GW_BAD_REQUEST', 'The id of the resource is not the one of the resource that fits.', {
    expression: `${sent.resourceType}.id`,
  })
}

/** What is there; undefined where a resource may be made under this id. */
function currentOf(
  scope: WriteScope,
  { type, existing }: Update,
  stored: ResourceDocument | undefined,
): Resource | undefined {
  if (stored && !stored.deleted) return parseJson(stored.body) as unknown as Resource
  if (stored && (stored.origin || existing)) throw gone(type)
  if (existing) throw notFound(type)
  if (isMapped(scope, type)) throw ownedBySource(type)
  return undefined
}

async function remove(scope: WriteScope, operation: Remove, stored: ResourceDocument | undefined): Promise<Written> {
  const { type } = operation
  if (!stored && 'where' in operation) return { _id: '', v: 0, u: scope.now, body: '', outcome: 'absent' }
  if (!stored) throw notFound(type)
  if (stored.deleted) return { ...stored, outcome: 'same' }
  if (stored.origin) assertOrdered(scope)
  const changes = stored.origin ? (await deleteMapped(scope, stored)).changes : changesOf([deleteNative(scope, stored)])
  return settle(scope, stored._id, stored, changes, 'deleted')
}

/** Has written what follows, and answers with what is there then. */
function settle(
  scope: WriteScope,
  _id: string,
  stored: ResourceDocument | undefined,
  changes: Changes | undefined,
  outcome: Written['outcome'],
): Written {
  if (changes) scope.writes.changes.push(changes)
  const write = changes?.resources.find(({ document }) => document._id === _id)
  const document = write?.document ?? stored
  if (!document) throw new GatewayError('GW_CONFLICT', 'The record was made meanwhile by somebody else; read again.')
  if (outcome !== 'deleted') assertMayLeave(scope.permit, outcome === 'created' ? 'c' : 'u', document, stored)
  const { v, u, body } = document
  const before = stored && !stored.deleted ? { before: stored.body } : {}
  return { _id, v, u, body, ...before, outcome: write ? outcome : 'same' }
}

/** Is there a source of the tenant that holds resources of this type? */
export function isMapped({ plan, permit }: Pick<WriteScope, 'plan' | 'permit'>, type: string): boolean {
  return [...plan.collections.values()].some(
    ({ source, lenses }) =>
      (source.system.tenant !== undefined || source.tenant === permit.tenant) &&
      lenses.some((lens) => lens.type === type),
  )
}

/** What the clinic's program changed comes first, as the projection would have done a moment later. */
async function catchUp({ store, plan, session, now, writes }: WriteScope, { refs }: BehindError): Promise<void> {
  writes.changes.push((await projectRows(store, plan, refs, session, { onlyChanged: true, now })).changes)
}
