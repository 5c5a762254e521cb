/** Every operation the gateway has: router and CapabilityStatement are made of this list. */
import { accessReport } from './access-report.ts'
import { breakGlass, breakGlassEnd } from './break-glass.ts'
import { compositionDocument } from './composition-document.ts'
import { diff, diffOfTwo } from './diff.ts'
import { encounterEverything, patientEverything } from './everything.ts'
import { expand } from './expand.ts'
import { explainAccess } from './explain-access.ts'
import { exportGroup, exportPatients, exportSystem } from './export.ts'
import { graphql } from './graphql.ts'
import { importResources } from './import.ts'
import { lastn } from './lastn.ts'
import { lineage } from './lineage.ts'
import { lookup } from './lookup.ts'
import { match } from './match.ts'
import { meta, metaAdd, metaDelete } from './meta.ts'
import type { Level, Operation } from './operation.ts'
import { recorded } from './recorded.ts'
import { reportDocument } from './report-document.ts'
import { subscriptionEvents } from './subscription-events.ts'
import { subscriptionStatus } from './subscription-status.ts'
import { subsumes } from './subsumes.ts'
import { summary } from './summary.ts'
import { translate } from './translate.ts'
import { validateCodeInCodeSystem, validateCodeInValueSet } from './validate-code.ts'
import { validate } from './validate.ts'
import { wsBindingToken } from './ws-binding-token.ts'

export const operations: readonly Operation[] = [
  accessReport,
  breakGlass,
  breakGlassEnd,
  compositionDocument,
  diff,
  diffOfTwo,
  encounterEverything,
  expand,
  explainAccess,
  exportGroup,
  exportPatients,
  exportSystem,
  graphql,
  importResources,
  lastn,
  lineage,
  lookup,
  match,
  meta,
  metaAdd,
  metaDelete,
  patientEverything,
  recorded,
  reportDocument,
  subscriptionEvents,
  subscriptionStatus,
  subsumes,
  summary,
  translate,
  validate,
  validateCodeInCodeSystem,
  validateCodeInValueSet,
  wsBindingToken,
]

/** The operation that a `$name` at this place asks for. */
export function operationAt(step: string | undefined, level: Level, type?: string): Operation | undefined {
  if (step === undefined || !step.startsWith('$')) return undefined
  const code = step.slice(1)
  return operations.find((each) => each.code === code && isAt(each, level, type))
}

/** Is it asked of this type, or of a resource of it? */
export function isAt({ levels, resources }: Operation, level: Level, type?: string): boolean {
  return levels.includes(level) && (type === undefined || (resources?.includes(type) ?? true))
}
