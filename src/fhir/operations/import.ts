/** `$import`: NDJSON into the gateway, in the background, with a report of what was refused (docs/bulk-data.md). */
import type { ImportJob } from '../../store/job-documents.ts'
import { bulkOf } from '../bulk/bulk.ts'
import { importInputs } from '../bulk/import-inputs.ts'
import { assertAsync, newJob, newJobId, startJob } from '../bulk/kick-off.ts'
import type { Operation } from './operation.ts'

const NOTHING_YET = { input: 0, line: 0, counts: { created: 0, updated: 0, unchanged: 0, refused: 0 } } as const

export const importResources: Operation = {
  code: 'import',
  definition: 'import',
  levels: ['system'],
  affectsState: true,
  inputs: 'its own',
  async handle(context) {
    assertAsync(context)
    const id = newJobId()
    const inputs = await importInputs(context, bulkOf(context), id)
    const job: ImportJob = { ...newJob(context, id), kind: 'import', inputs, ...NOTHING_YET }
    return startJob(context, job, 'import')
  },
}
