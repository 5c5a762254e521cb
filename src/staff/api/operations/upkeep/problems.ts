/** Rows that cannot be mapped: which, why, and trying them again. No value of a row is told: its key says where to look. */
import { GatewayError } from '../../../../kernel/errors.ts'
import { addAudit } from '../../../../store/audit.ts'
import type { ProblemDocument } from '../../../../store/documents.ts'
import { askForRetry } from '../../../../store/pending.ts'
import { tenantAddress } from '../../../../projection/answers.ts'
import { countOwnProblems, pageOfProblems } from '../../../../store/problems.ts'
import type { OwnProblems } from '../../../../store/problems.ts'
import { readTenant } from '../../../../store/served-tenants.ts'
import { actOf } from '../../on-record.ts'
import type { ApiOperation, ApiRequest } from '../../operation.ts'
import { ok } from '../../operation.ts'
import type { ApiParts } from '../../parts.ts'

export const listProblems: ApiOperation = {
  async handle(request, parts) {
    const { limit = 20, cursor } = request.query as { readonly limit?: number; readonly cursor?: string }
    const after = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString()
    const found = await pageOfProblems(parts.store, await ownProblems(request, parts, request.query), {
      after,
      limit: limit + 1,
    })
    const shown = found.slice(0, limit)
    const systems = systemsIn(parts)
    const last = found.length > limit ? shown.at(-1) : undefined
    return ok({
      items: shown.map((each) => viewOf(each, systems.get(each.instance))),
      ...(last && { cursor: Buffer.from(last._id).toString('base64url') }),
    })
  },
}

export const retryProblems: ApiOperation = {
  async handle(request, parts) {
    const { store } = parts
    const wish = (request.body ?? {}) as Wish
    const own = await ownProblems(request, parts, wish)
    const rows = await countOwnProblems(store, own)
    const what = Object.values(wish).join(' ')
    await addAudit(store, [actOf(request, { kind: 'problems', action: 'E', query: `retry ${what}`.trim() })])
    const { address: _, ...filter } = own
    if (rows > 0) await askForRetry(store, filter)
    return { status: 202, body: { rows } }
  },
}

interface Wish {
  readonly system?: string
  readonly collection?: string
  readonly mapping?: string
}

/** Of sources that are the tenant's as a whole, and of its own rows where a source holds several tenants. */
async function ownProblems({ tenant }: ApiRequest, parts: ApiParts, wish: Wish): Promise<OwnProblems> {
  const { system, collection, mapping } = wish
  const served = await readTenant(parts.store, tenant)
  const instances = new Set(
    plans(parts)
      .filter(({ source }) => system === undefined || source.system.system === system)
      .filter(({ source, instance }) =>
        source.system.tenant ? instance === served?.instance : source.tenant === tenant,
      )
      .map(({ instance }) => instance),
  )
  if (system !== undefined && instances.size === 0) {
    throw new GatewayError('GW_UNPROCESSABLE', `There is no system ${system} here.`, { expression: 'system' })
  }
  return {
    instances: [...instances],
    ...(served && { address: { instance: served.instance, dep: tenantAddress(served.instance, served.key) } }),
    ...(collection !== undefined && { collection }),
    ...(mapping !== undefined && { mapping }),
  }
}

function plans({ writeBack }: ApiParts) {
  return [...writeBack().plan.collections.values()]
}

function systemsIn(parts: ApiParts): ReadonlyMap<string, string> {
  return new Map(plans(parts).map(({ instance, source }) => [instance, source.system.system]))
}

function viewOf(problem: ProblemDocument, system: string | undefined): object {
  const { collection, key, mapping, rule, reason, since } = problem
  return {
    ...{ system, collection, key, reason, since: since.toISOString() },
    ...(mapping !== '' && { mapping }),
    ...(rule !== '' && { rule }),
  }
}
