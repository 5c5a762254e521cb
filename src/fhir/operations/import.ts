/** `$import`: NDJSON into the gateway, in the background, with a report of what was refused (docs/bulk-data.md). */
import { removeFolder } from '../../files/files.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { ImportJob } from '../../store/job-documents.ts'
import { deleteJob, openJob } from '../../store/jobs.ts'
import { bulkOf } from '../bulk/bulk.ts'
import { importInputs } from '../bulk/import-inputs.ts'
import { assertAsync, begunAnswer, keepJob, newJob } from '../bulk/kick-off.ts'
import type { FhirContext } from '../context.ts'
import type { Operation } from './operation.ts'

const NOTHING_YET = {
  inputs: [],
  ...{ input: 0, line: 0, counts: { created: 0, updated: 0, unchanged: 0, refused: 0 } },
} as const
/** Beyond the time an upload may take. */
const GRACE = 60_000

export const importResources: Operation = {
  code: 'import',
  definition: 'import',
  levels: ['system'],
  access: 'imports',
  affectsState: true,
  inputs: 'its own',
  async handle(context) {
    assertAsync(context)
    const expires = new Date(Date.now() + context.limits.uploadMilliseconds + GRACE)
    const job: ImportJob = { ...newJob(context), kind: 'import', ...NOTHING_YET, state: 'receiving', expires }
    // Before its first byte: what is sent and never used, since the gateway was killed, is swept with it
    await keepJob(context, job)
    await receive(context, job)
    return begunAnswer(context, job, 'import')
  },
}

async function receive(context: FhirContext, { _id }: ImportJob): Promise<void> {
  const bulk = bulkOf(context)
  const { store, files } = bulk
  try {
    const inputs = await importInputs(context, bulk, _id)
    if (!(await openJob(store, _id, inputs))) throw new GatewayError('GW_SLOW_REQUEST', 'The upload took too long.')
  } catch (error) {
    await removeFolder(files, _id)
    await deleteJob(store, _id)
    throw error
  }
}
