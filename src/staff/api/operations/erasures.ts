/** Erasing a person, and the proofs that somebody was erased, which name no one (docs/erasure.md). */
import { GatewayError } from '../../../kernel/errors.ts'
import { erasePerson, foreseeErasure } from '../../../projection/erase.ts'
import type { Erasure } from '../../../projection/erase.ts'
import type { ErasureDocument } from '../../../store/erasures.ts'
import { listErasures as readErasures, openErasure } from '../../../store/erasures.ts'
import type { Store } from '../../../store/collections.ts'
import { actOf } from '../on-record.ts'
import type { ApiAnswer, ApiOperation, ApiRequest } from '../operation.ts'
import { ok } from '../operation.ts'

interface Wish {
  readonly reason: ErasureDocument['reason']
  readonly dryRun?: boolean
}

export const eraseOne: ApiOperation = {
  async handle(request, { store, writeBack }) {
    const { path, tenant, body, caller, deadline } = request
    const patient = path['id'] ?? ''
    const { reason, dryRun = false } = body as Wish
    await assertKnown(request, store, patient)
    if (dryRun) {
      const counts = await foreseeErasure(writeBack(), { t: tenant, patient })
      return ok({ state: 'dry-run', counts: listed(counts) })
    }
    const what = [{ p: [patient], n: [`Patient/${patient}`] }]
    return shown(
      await erasePerson(writeBack(), {
        ...{ t: tenant, patient, reason, by: caller.by },
        left: () => deadline.left,
        event: (query) => actOf(request, { kind: 'erasure', action: 'D', query: `${query}: ${reason}`, what }),
      }),
    )
  },
}

export const listErasures: ApiOperation = {
  async handle({ tenant, query }, { store }) {
    const { limit = 20, cursor } = query as { readonly limit?: number; readonly cursor?: string }
    const found = await readErasures(store, tenant, limit + 1, cursor === undefined ? undefined : placeIn(cursor))
    const items = found.slice(0, limit)
    const last = found.length > limit ? items.at(-1) : undefined
    return ok({ items: items.map(viewOf), ...(last && { cursor: cursorTo(last) }) })
  },
}

type Place = Pick<ErasureDocument, '_id' | 'begun'>

function cursorTo({ _id, begun }: Place): string {
  return Buffer.from(`${begun.getTime()} ${_id}`).toString('base64url')
}

function placeIn(cursor: string): Place {
  const [, time = '', _id = ''] = /^(\d{1,15}) (\S+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (_id === '') throw new GatewayError('GW_BAD_REQUEST', 'This cursor is of another list.')
  return { _id, begun: new Date(Number(time)) }
}

/** Whom the caller cannot see is not there; who is deleted, or half erased, still is something to erase. */
async function assertKnown({ records, tenant }: ApiRequest, store: Store, patient: string): Promise<void> {
  if (await openErasure(store, tenant, patient)) return
  try {
    await records.read('Patient', patient)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'GW_GONE') throw error
  }
}

function shown(erasure: Erasure): ApiAnswer {
  if (erasure.state === 'open') {
    return { status: 202, body: { ...viewOf(erasure.erasure), left: listed(erasure.left) } }
  }
  const kept = viewOf(erasure.proof)
  return { status: 200, body: { ...kept, salt: erasure.salt }, kept }
}

function viewOf({ _id: id, state, patient, reason, by, begun, finished, counts, hash }: ErasureDocument): object {
  return {
    ...{ id, state, reason, by, begun: begun.toISOString(), counts: listed(counts) },
    ...(patient !== undefined && { patient }),
    ...(finished && { finished: finished.toISOString() }),
    ...(hash !== undefined && { hash }),
  }
}

function listed(counts: Readonly<Record<string, number>>): readonly object[] {
  return Object.entries(counts)
    .map(([kind, count]) => ({ kind, count }))
    .sort((a, b) => (a.kind < b.kind ? -1 : 1))
}
