/**
 * The record of who saw and changed what (docs/audit.md): searched by the operation of FHIR that decides who may, and with
 * what the chain says of it.
 */
import type { AuditEvent, AuditEventAgent, Bundle } from '@medplum/fhirtypes'
import { verifyTenant } from '../../../../audit/verify.ts'
import { openEvents } from '../../../../store/audit-chain.ts'
import type { ApiOperation, ApiRequest } from '../../operation.ts'
import { ok } from '../../operation.ts'
import { textOf, words } from '../../plain.ts'
import { ContractError } from '../../problem.ts'
import type { Query } from '../../records.ts'

const outcome = words({ done: '0', refused: '4', failed: '8' })

interface Asked extends Partial<
  Readonly<Record<'patient' | 'agent' | 'record' | 'action' | 'outcome' | 'from' | 'to' | 'cursor', string>>
> {
  readonly limit?: number
}

export const searchAudit: ApiOperation = {
  async handle(request, { store }) {
    const found = await recorded(request, queryOf(request.query))
    const events = (found.entry ?? []).map(({ resource }) => resource as AuditEvent & { readonly id: string })
    // After the events: what is linked in between is linked
    const open = await openEvents(store, request.tenant)
    const next = found.link?.find(({ relation }) => relation === 'next')?.url
    const cursor = next === undefined ? undefined : new URLSearchParams(next.slice(next.indexOf('?'))).get('_page')
    return ok({
      items: events.map((event) => ({ ...viewOf(event), chain: open.has(event.id) ? 'open' : 'sealed' })),
      ...(cursor != null && { cursor }),
    })
  },
}

/** Who may not search it is told so by the search; asking is on record by it too. */
export const verifyAudit: ApiOperation = {
  async handle(request, { store }) {
    await recorded(request, [['_count', '1']])
    const { linked, open, end, findings } = await verifyTenant(store, request.tenant, request.deadline)
    return ok({ whole: findings.length === 0, sealed: linked, open, end, findings: findings.slice(0, MOST) })
  },
}

const MOST = 1_000

async function recorded({ records }: ApiRequest, query: Query): Promise<Bundle> {
  return (await records.ask('GET', ['AuditEvent', '$recorded'], query)) as Bundle
}

function queryOf({ limit = 20, ...asked }: Asked): Query {
  const { patient, agent, record, action, outcome: word, from, to, cursor } = asked
  if (from !== undefined && to !== undefined && from > to) {
    throw new ContractError([{ field: 'query.to', detail: 'is before from' }])
  }
  const pairs = {
    ...{ patient, agent, entity: record, action, _count: String(limit), _page: cursor },
    outcome: word === undefined ? undefined : outcome.codeOf(word),
  }
  return [
    ...Object.entries(pairs).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    ...(from === undefined ? [] : [['date', `ge${from}`] as const]),
    ...(to === undefined ? [] : [['date', `le${to}`] as const]),
  ]
}

function viewOf(event: AuditEvent): object {
  const { id, recorded: at, action, entity = [], purposeOfEvent: [purpose] = [], subtype = [] } = event
  const named = (role: string): string[] =>
    entity.flatMap(({ what, role: of }) => (of?.code === role && what?.reference ? [what.reference] : []))
  const asked = entity.find(({ query }) => query !== undefined)?.query
  return {
    ...{ id, at, action, what: subtype.at(-1)?.code ?? event.type?.display ?? event.type?.code },
    outcome: outcome.wordOf(event.outcome),
    who: whoIn(event.agent ?? []),
    patients: named(PATIENT).map((reference) => reference.slice('Patient/'.length)),
    records: named(RECORD),
    ...(asked !== undefined && { query: Buffer.from(asked, 'base64').toString() }),
    ...(purpose && { purpose: textOf(purpose) }),
  }
}

/** http://terminology.hl7.org/CodeSystem/object-role */
const [PATIENT, RECORD] = ['1', '4']

/** The gateway itself is an agent too. */
function whoIn(agents: readonly AuditEventAgent[]): object {
  const user = agents.find(({ type }) => type?.coding?.[0]?.code === 'UserOauthAgent')
  const app = agents.find((each) => each !== user && each.who?.display !== 'Isthmus')
  return {
    ...(user?.altId !== undefined && { account: user.altId }),
    ...(user?.who?.reference !== undefined && { person: user.who.reference }),
    ...(app?.altId !== undefined && { client: app.altId }),
    ...(app?.name !== undefined && { name: app.name }),
    ...(app?.network?.address !== undefined && { address: app.network.address }),
  }
}
