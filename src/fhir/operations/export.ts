/** `$export` of everything, of patients, of a group's members (https://hl7.org/fhir/uv/bulkdata/STU2/export.html). */
import type { Answer } from '../../http/answer.ts'
import { EVERYBODY } from '../../store/audit-documents.ts'
import type { ExportJob, ExportWish } from '../../store/job-documents.ts'
import { exportWish } from '../bulk/export-wish.ts'
import { assertAsync, begunAnswer, keepJob, newJob } from '../bulk/kick-off.ts'
import { patientsNamed, patientsOfGroup } from '../bulk/patients.ts'
import type { FhirContext } from '../context.ts'
import type { Call, Input, Operation } from './operation.ts'

const common: readonly Input[] = [
  { name: '_outputFormat', type: 'string' },
  { name: '_since', type: 'instant' },
  { name: '_type', type: 'string', repeats: true },
  { name: '_typeFilter', type: 'string', repeats: true },
  { name: '_elements', type: 'string', repeats: true },
  { name: 'includeAssociatedData', type: 'string', repeats: true },
]
const ofPatients: readonly Input[] = [...common, { name: 'patient', type: 'Reference', repeats: true }]

/** The same place in HL7's guide for all three. */
const DEFINITIONS = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition'

export const exportSystem: Operation = {
  code: 'export',
  definition: `${DEFINITIONS}/export`,
  levels: ['system'],
  access: 'exports',
  inputs: common,
  handle: (context, { inputs }) => begin(context, inputs, common, undefined),
}

export const exportPatients: Operation = {
  code: 'export',
  definition: `${DEFINITIONS}/patient-export`,
  levels: ['type'],
  access: 'exports',
  resources: ['Patient'],
  inputs: ofPatients,
  handle: async (context, { inputs }) => begin(context, inputs, ofPatients, await patientsNamed(context, inputs)),
}

export const exportGroup: Operation = {
  code: 'export',
  definition: `${DEFINITIONS}/group-export`,
  levels: ['instance'],
  access: 'exports',
  resources: ['Group'],
  inputs: ofPatients,
  handle: async (context, { id = '', inputs }) =>
    begin(context, inputs, ofPatients, await patientsOfGroup(context, id, inputs)),
}

async function begin(
  context: FhirContext,
  inputs: Call['inputs'],
  known: readonly Input[],
  patients: ExportWish['patients'],
): Promise<Answer> {
  assertAsync(context)
  const wish = exportWish(context, inputs, known, patients)
  const job: ExportJob = { ...newJob(context), kind: 'export', wish, steps: {}, files: [] }
  await keepJob(context, job)
  const { patients: whose = 'all' } = wish
  context.request.trail?.exports(whose === 'all' ? [EVERYBODY] : whose)
  return begunAnswer(context, job, 'export')
}
