/** Legal holds: what they cover is neither erased nor removed when its time is over. */
import { GatewayError } from '../../../kernel/errors.ts'
import { sourcesIn } from '../../../projection/plan.ts'
import type { HoldDocument } from '../../../store/holds.ts'
import { liftHold as lift, listHolds as readHolds, placeHold as place } from '../../../store/holds.ts'
import { actOf } from '../on-record.ts'
import type { ApiOperation } from '../operation.ts'
import { ok } from '../operation.ts'

export const listHolds: ApiOperation = {
  async handle({ tenant, query }, { store }) {
    const found = await readHolds(store, tenant, query['lifted'] === true)
    return ok({ items: found.map(viewOf) })
  },
}

type Wish = Pick<HoldDocument, 'patient' | 'system' | 'reason'>

export const placeHold: ApiOperation = {
  async handle(request, { store, writeBack }) {
    const { tenant: t, caller, records } = request
    const { patient, system, reason } = request.body as Wish
    if (patient !== undefined) await records.read('Patient', patient)
    const systems = sourcesIn(writeBack().plan).map(({ system: { system: code } }) => code)
    if (system !== undefined && !systems.includes(system)) {
      throw new GatewayError(
        'GW_UNPROCESSABLE',
        `There is no system ${system}; there are ${[...new Set(systems)].join(', ')}.`,
      )
    }
    const what = patient === undefined ? {} : { what: [{ p: [patient], n: [`Patient/${patient}`] }] }
    const event = actOf(request, {
      kind: 'hold',
      action: 'C',
      query: `placed${system ? ` on ${system}` : ''}`,
      ...what,
    })
    const of = { ...(patient !== undefined && { patient }), ...(system !== undefined && { system }) }
    const hold = await place(store, { t, ...of, reason, by: caller.by }, event)
    return { status: 201, body: viewOf(hold) }
  },
}

export const liftHold: ApiOperation = {
  async handle(request, { store }) {
    const { tenant: t, caller, path } = request
    const id = path['id'] ?? ''
    const event = actOf(request, { kind: 'hold', action: 'D', query: `lifted: ${id}` })
    const hold = await lift(store, { t, id, by: caller.by }, event)
    if (!hold) throw new GatewayError('GW_NOT_FOUND', 'There is no such hold that counts: GET /api/holds lists them.')
    return ok(viewOf(hold))
  },
}

function viewOf({ _id: id, patient, system, reason, by, placed, lifted, liftedBy }: HoldDocument): object {
  return {
    id,
    ...(patient !== undefined && { patient }),
    ...(system !== undefined && { system }),
    ...{ reason, by, placed: placed.toISOString() },
    ...(lifted && { lifted: lifted.toISOString() }),
    ...(liftedBy !== undefined && { liftedBy }),
  }
}
