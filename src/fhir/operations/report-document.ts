/** `DiagnosticReport/$document`, ours (profiles/OperationDefinition-report-document.json): a report as a document, with all it needs. */
import type { DiagnosticReport } from '@medplum/fhirtypes'
import type { Answer } from '../../http/answer.ts'
import { stringifyJson } from '../../r4/json.ts'
import { plainEntry } from '../bundle.ts'
import type { FhirContext } from '../context.ts'
import { documentAnswer, entryOf, urlOf } from '../document/answer.ts'
import { gatewayAuthor, newUrl } from '../document/device.ts'
import { gather } from '../document/gathered.ts'
import { exact, partsOf } from '../document/parts.ts'
import { compositionOf } from '../document/report.ts'
import { flagInput } from './inputs.ts'
import type { Call, Operation } from './operation.ts'

export const reportDocument: Operation = {
  code: 'document',
  definition: 'report-document',
  levels: ['instance'],
  access: 'reads',
  resources: ['DiagnosticReport'],
  heavy: true,
  inputs: [{ name: 'persist', type: 'boolean' }],
  async handle(context: FhirContext, { id = '', inputs }: Call): Promise<Answer> {
    const { root, others } = await gather(context, 'DiagnosticReport', id)
    const report = exact(root.body) as DiagnosticReport
    const author = gatewayAuthor()
    const parts = partsOf(context, [root, ...others])
    const composition = compositionOf({ report, url: urlOf(context, root), author: author.url, ...parts })
    const entries = [
      plainEntry(newUrl(), stringifyJson(composition)),
      ...[root, ...others].map((each) => entryOf(context, each)),
      author.entry,
    ]
    return documentAnswer(context, { interaction: 'document', entries, persist: flagInput(inputs, 'persist') ?? false })
  },
}
