/** What a compiled profile is made of: functions that look at a value and say what is wrong with it. */
import type { StructureDefinition } from '@medplum/fhirtypes'
import type { Registry } from '../../registry.ts'
import type { Item } from '../fhirpath/items.ts'
import type { Walk } from '../finding.ts'
import type { CodeCheck } from './binding.ts'
import type { ElementNode, ProfileTree } from './tree.ts'

export type Check = (walk: Walk, item: Item) => void

/** What all elements of one profile are compiled with. */
export interface Compiling {
  readonly tree: ProfileTree
  readonly registry: Registry
  readonly codes: CodeCheck
  /** of the profile, for people */
  readonly title: string
  /** compiled when it is first asked; undefined when it is not loaded */
  readonly check: (canonical: string) => Check | undefined
  readonly profile: (canonical: string) => StructureDefinition | undefined
  readonly treeOf: (canonical: string) => ProfileTree | undefined
}

/** Does it conform? What is found on the way is nobody's business. */
export function conforms(walk: Walk, item: Item, check: Check): boolean {
  const own = { ...walk, path: [item.type], findings: [] as Walk['findings'], resource: item }
  check(own, item)
  return own.findings.every(({ severity }) => severity !== 'error')
}

/** `identifier:mrn` */
export function labelOf({ id }: ElementNode): string {
  return id.slice(id.lastIndexOf('.') + 1)
}
