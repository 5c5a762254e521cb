/** Cases and doctors by the keys of their rows, which their resources tell to whoever may see them. */
import type { Identifier } from '@medplum/fhirtypes'
import { GatewayError } from '../../../../kernel/errors.ts'
import { CASE } from '../../../app/cases.ts'
import type { SecondOpinions } from '../../../app/second-opinions.ts'
import type { ApiRequest } from '../../operation.ts'
import { ContractError } from '../../problem.ts'

type Source = Pick<SecondOpinions, 'sidOf'>

/** Throws 404, also of a request that is no second opinion. */
export async function caseKey({ records, path: { id = '' } }: ApiRequest, { sidOf }: Source): Promise<string> {
  const { identifier } = await records.read('ServiceRequest', id)
  const key = keyIn(identifier, sidOf(CASE))
  if (key === undefined) throw new GatewayError('GW_NOT_FOUND', 'There is no case with this id.')
  return key
}

/** Throws 400, which names the field. */
export async function doctorKey({ records }: ApiRequest, { sidOf }: Source, name: string, id: string): Promise<string> {
  const refused = (detail: string): ContractError => new ContractError([{ field: `body.${name}`, detail }])
  const doctor = await records.read('Practitioner', id).catch((error: unknown) => {
    if (error instanceof GatewayError && error.status < 500) throw refused('names nobody that you can see')
    throw error
  })
  const key = keyIn(doctor.identifier, sidOf('sop/practitioner'))
  if (key === undefined) throw refused('names somebody who gives no second opinions')
  if (doctor.active !== true) throw refused('names a doctor who is not active')
  return key
}

function keyIn(identifiers: readonly Identifier[] | undefined, sid: string): string | undefined {
  return identifiers?.find(({ system }) => system === sid)?.value
}
