/**
 * What staff do with a case: the same as the admin side of the app, by its own rules, with the rights of who asks here.
 * Each answers the case as it is then.
 */
import { Trail } from '../../../../audit/trail.ts'
import { agentOf, answerOnRecord } from '../../../../http/on-record.ts'
import { GatewayError } from '../../../../kernel/errors.ts'
import type { RowChange } from '../../../../projection/operation.ts'
import { currentPermit } from '../../../../store/restrictions.ts'
import { assignCoordinator as assign } from '../../../admin/endpoints/assign-coordinator.ts'
import { assignDoctors } from '../../../admin/endpoints/assign-doctors.ts'
import { fileReport } from '../../../admin/endpoints/file-report.ts'
import { rejectCase as reject } from '../../../admin/endpoints/reject-case.ts'
import { requestDocuments } from '../../../admin/endpoints/request-documents.ts'
import { commitRows } from '../../../app/commit.ts'
import type { Call, Endpoint } from '../../../app/endpoint.ts'
import type { Body } from '../../../app/fields.ts'
import { bannerNotify } from '../../../app/notify.ts'
import type { SecondOpinions } from '../../../app/second-opinions.ts'
import { secondOpinionsIn } from '../../../app/second-opinions.ts'
import type { ApiOperation, ApiRequest } from '../../operation.ts'
import type { ApiParts } from '../../parts.ts'
import { ContractError } from '../../problem.ts'
import { getCase } from './detail.ts'
import { caseKey, doctorKey } from './keys.ts'

type Columns = (request: ApiRequest, source: SecondOpinions) => Promise<Body>

export const assignCoordinator = acting(assign, async (request, source) => {
  const { coordinator, reassign } = request.body as { readonly coordinator: string; readonly reassign?: boolean }
  return { coordinator: await doctorKey(request, source, 'coordinator', coordinator), reassign }
})

export const rejectCase = acting(reject, ({ body }) => Promise.resolve(body as Body))

export const askSpecialists = acting(assignDoctors, async (request, source) => {
  const { doctors } = request.body as { readonly doctors: readonly string[] }
  return {
    doctors: await Promise.all(doctors.map((id, index) => doctorKey(request, source, `doctors.${index}`, id))),
  }
})

export const requestCaseDocuments = acting(requestDocuments, withDoctor)
export const fileCaseReport = acting(fileReport, withDoctor)

async function withDoctor(request: ApiRequest, source: SecondOpinions): Promise<Body> {
  const { doctor, ...rest } = request.body as Body & { readonly doctor: string }
  return { ...rest, doctor: await doctorKey(request, source, 'doctor', doctor) }
}

function acting(endpoint: Endpoint, columnsOf: Columns): ApiOperation {
  return {
    async handle(request, parts) {
      const source = secondOpinionsIn(parts.writeBack().plan)
      const key = await caseKey(request, source)
      const body = { ...(await columnsOf(request, source)), case_id: key }
      const trail = trailOf(request)
      await answerOnRecord(parts, trail, async () => {
        const call = await callOf(request, parts, { body, source, trail })
        await Promise.try(() => endpoint.handle(call)).catch(toldHere)
        return { status: 200 }
      })
      return getCase.handle(request, parts)
    },
    again: (request, _written, parts) => getCase.handle(request, parts),
  }
}

function trailOf({ tenant, caller, address, path: { id = '' } }: ApiRequest): Trail {
  const target = `ServiceRequest/${id}`
  const asked = { kind: 'update', action: 'U', target } as const
  return new Trail({ tenant, method: 'POST', path: [target], query: [], who: agentOf(caller, address), asked })
}

async function callOf(
  { caller, deadline, version, once }: ApiRequest,
  { writeBack, store }: ApiParts,
  given: Pick<Call, 'body' | 'source'> & { readonly trail: Trail },
): Promise<Call> {
  const permit = await currentPermit(store, caller.permit)
  const committing = { by: caller.by, deadline, trail: given.trail, once }
  return {
    ...given,
    ...{ permit, store, deadline, language: 0, notify: bannerNotify },
    user: caller.credential?.user?.account ?? caller.by,
    change: (changes, as = permit) => commitRows(writeBack, committing, ofVersion(changes, version), as),
    now: () => new Date(),
  }
}

/** The case comes first. */
function ofVersion([first, ...more]: readonly RowChange[], version: number | undefined): readonly RowChange[] {
  return first && version !== undefined ? [{ ...first, version }, ...more] : [first, ...more].filter((each) => !!each)
}

/** Fields by where they are in the body; the case itself is there, so that what is not is one that does not fit it. */
function toldHere(error: unknown): never {
  if (!(error instanceof GatewayError)) throw error
  const { code, expression: name, message } = error
  if (code === 'GW_BAD_REQUEST' && name !== undefined) {
    const detail = message.replace(`${name} `, '').replace(/\.$/, '')
    throw new ContractError([{ field: `body.${name.replace(/\[(\d+)\]/g, '.$1')}`, detail }])
  }
  throw code === 'GW_NOT_FOUND' ? new GatewayError('GW_CONFLICT', message, { cause: error }) : error
}
