/** Every operation the gateway has, by name: router and CapabilityStatement are made of this list. */
import { lineage } from './lineage.ts'
import type { InstanceOperation } from './operation.ts'

export const instanceOperations: ReadonlyMap<string, InstanceOperation> = new Map(
  [lineage].map((operation) => [operation.code, operation]),
)
