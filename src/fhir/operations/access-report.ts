/**
 * `Patient/[id]/$access-report`, ours (profiles/OperationDefinition-access-report.json): who saw or changed what of a
 * patient, for the patient, who acts for them, and who may read all audit events. Of other patients it tells nothing.
 */
import { ownPatients } from '../../access/grant.ts'
import type { Answer } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { PAGE_INPUTS, auditPage } from '../audit-page.ts'
import type { FhirContext } from '../context.ts'
import { notFound } from '../interactions/read.ts'
import type { Call, Operation } from './operation.ts'
import { mayReadAudit } from './recorded.ts'

export const accessReport: Operation = {
  code: 'access-report',
  definition: 'access-report',
  levels: ['instance'],
  access: 'parts',
  resources: ['Patient'],
  inputs: PAGE_INPUTS,
  async handle(context: FhirContext, { id = '', inputs }: Call): Promise<Answer> {
    if (!(await context.reader.read(context.permit, 'Patient', id))) throw notFound('Patient')
    if (!isOwn(context, id) && !mayReadAudit(context)) throw forbidden()
    const path = `Patient/${id}/$access-report`
    return auditPage(context, inputs, { path, interaction: 'access-report', patient: id, query: { patient: id } })
  },
}

/** An app alone, without a person behind it, is nobody's. */
function isOwn({ request }: FhirContext, id: string): boolean {
  const user = request.caller.credential?.user
  return user !== undefined && ownPatients(user)?.includes(id) === true
}

function forbidden(): GatewayError {
  return new GatewayError(
    'GW_FORBIDDEN',
    'Who saw a record is told to the patient, to who acts for them, and to who may search all audit events.',
  )
}
