/**
 * Erases a patient: the source row by the rule of its mapping, as a FHIR delete would, and then all that the gateway's own
 * collections hold of them. Killed in the middle it goes on when it is asked for again. What rows still give is left, and
 * said: the gateway deletes nothing that a mapping does not let it delete, and while such a row is there its resource
 * would only come back.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { everythingOf } from '../access/permit.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Lens } from '../mapping/lens.ts'
import type { AuditDocument } from '../store/audit-documents.ts'
import type { ResourceDocument } from '../store/documents.ts'
import { eraseTraces } from '../store/erase-traces.ts'
import type { ErasureDocument, Erasing } from '../store/erasures.ts'
import { beginErasure, finishErasure, openErasure } from '../store/erasures.ts'
import { assertNotHeld } from '../store/holds.ts'
import { hasPending } from '../store/pending.ts'
import { findTraces, nobodyElses } from '../store/person-traces.ts'
import type { Traces } from '../store/person-traces.ts'
import type { WriteBack } from './write-back.ts'
import { commitWrites } from './write-back.ts'

export interface ErasureWish extends Omit<Erasing, 'systems' | 'given'> {
  /** milliseconds until whoever asked is answered */
  readonly left: () => number
  /** what is put on record at its beginning and at its end; asked again for each */
  readonly event: (what: 'begun' | 'finished') => AuditDocument
}

/** Resources that rows still give, by the mapping that gives them. */
export type Left = Readonly<Record<string, number>>

export type Erasure =
  | { readonly state: 'open'; readonly erasure: ErasureDocument; readonly left: Left }
  | { readonly state: 'done'; readonly proof: ErasureDocument; readonly salt: string }

/** What would go: resources by type, and versions. Throws what the erasure itself would throw at its beginning. */
export async function foreseeErasure(
  writeBack: WriteBack,
  { t, patient }: Pick<Erasing, 't' | 'patient'>,
): Promise<Readonly<Record<string, number>>> {
  const { store } = writeBack
  const traces = await findTraces(store, t, patient)
  const there = await currentOf(writeBack, traces)
  await assertNotHeld(store, t, { patient, systems: systemsOf(writeBack, there) })
  assertErasable(writeBack, there, patient)
  const byType = Map.groupBy(traces.resources, (id) => id.split('/')[1] ?? '')
  return Object.fromEntries([...byType].map(([type, own]) => [type, own.length]))
}

export async function erasePerson(writeBack: WriteBack, wish: ErasureWish): Promise<Erasure> {
  const { store } = writeBack
  const { t, patient, left: _, event, ...asked } = wish
  const there = await currentOf(writeBack, await findTraces(store, t, patient))
  if (!(await openErasure(store, t, patient))) assertErasable(writeBack, there, patient)
  const systems = systemsOf(writeBack, there)
  const given = there.filter(({ origin }) => origin).map(({ _id }) => _id)
  const erasure = await beginErasure(store, { t, patient, systems, given, ...asked }, event('begun'))
  await deleteAtSource(writeBack, wish, erasure, ['Patient'])
  await deleteAtSource(writeBack, wish, erasure)
  const traces = await tracesOf(writeBack, erasure)
  const { resources } = traces
  const left = (await currentOf(writeBack, traces)).filter(({ origin }) => origin)
  const kept = new Set(left.map(({ _id }) => _id))
  await eraseTraces(store, erasure, { ...traces, resources: resources.filter((id) => !kept.has(id)) })
  const open = { state: 'open', erasure, left: countsOf(left) } as const
  if (left.length > 0) return open
  const finished = await finishErasure(store, erasure, event('finished'))
  if (finished) return { state: 'done', ...finished }
  throw new GatewayError('GW_CONFLICT', 'Another request finished this erasure at the same moment: GET /api/erasures.')
}

type Current = Pick<ResourceDocument, '_id' | 'origin'>

/** Of those that are this person's alone: what is there now. */
async function currentOf({ store }: WriteBack, { resources }: Traces): Promise<Current[]> {
  const filter = { _id: { $in: [...resources] }, deleted: false }
  return store.resources.find(filter, { projection: { origin: 1 } }).toArray()
}

/** Also what a row gives that names its patient by the key alone, now that the Patient is gone. */
async function tracesOf({ store }: WriteBack, { t, patient = '', given = [] }: ErasureDocument): Promise<Traces> {
  const traces = await findTraces(store, t, patient)
  const unnamed = await nobodyElses(store, patient, given)
  return { ...traces, resources: [...new Set([...traces.resources, ...unnamed])] }
}

/** The Patient goes first: in most systems its mark hides all that is the patient's. */
async function deleteAtSource(
  writeBack: WriteBack,
  { t, by, left }: ErasureWish,
  erasure: ErasureDocument,
  types?: readonly string[],
): Promise<void> {
  const there = await currentOf(writeBack, await tracesOf(writeBack, erasure))
  for (const each of there) {
    const [, type = '', id = ''] = each._id.split('/')
    if (!lensOf(writeBack, each)?.writes.deletion || (types && !types.includes(type))) continue
    try {
      await commitWrites(writeBack, everythingOf(t), by, [{ method: 'DELETE', type, id }], left())
    } catch (error) {
      // Gone with another one meanwhile, or past where its mapping lets it be changed
      if (!(error instanceof GatewayError) || error.status >= 500) throw error
    }
  }
  await settled(writeBack, left)
}

const TICK = 20
/** Kept for what comes after. */
const RESERVE = 1_000

/** What leans on the rows that were deleted is projected again. */
async function settled({ store }: WriteBack, left: () => number): Promise<void> {
  while ((await hasPending(store)) && left() > RESERVE) await sleep(TICK)
}

function lensOf({ plan }: WriteBack, { origin }: Current): Lens | undefined {
  if (!origin) return undefined
  const place = plan.collections.get(`${origin.instance}/${origin.collection}`)
  return place?.lenses.find(({ name }) => name === origin.mapping)
}

function systemsOf({ plan }: WriteBack, there: readonly Current[]): string[] {
  const codes = there.flatMap(({ origin }) =>
    origin ? (plan.collections.get(`${origin.instance}/${origin.collection}`)?.source.system.system ?? []) : [],
  )
  return [...new Set(codes)]
}

function assertErasable(writeBack: WriteBack, there: readonly Current[], patient: string): void {
  const own = there.find(({ _id }) => _id.endsWith(`/Patient/${patient}`))
  if (!own?.origin || lensOf(writeBack, own)?.writes.deletion) return
  throw new GatewayError(
    'GW_CONFLICT',
    `The mapping ${own.origin.mapping} lets nobody delete this row from here: remove it in the source's own program first, then ask again.`,
  )
}

function countsOf(left: readonly Current[]): Left {
  const byMapping = Map.groupBy(left, ({ origin }) => origin?.mapping ?? '')
  return Object.fromEntries([...byMapping].map(([mapping, own]) => [mapping, own.length]))
}
