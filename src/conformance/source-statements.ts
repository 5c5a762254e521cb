/** What every resource of a mapping holds without a rule (G2, G9, G14), written as rules, so that its profile says so. */
import { sourceIdentifierSystem } from '../mapping/identity.ts'
import type { SourceSystem } from '../mapping/lens.ts'
import { listOf } from '../mapping/mapping-file.ts'
import type { MappingData, RuleData } from '../mapping/mapping-file.ts'
import { elementsOf } from '../r4/elements.ts'

export interface SourceStatement {
  readonly rule: RuleData
  readonly always: boolean
}

export function sourceStatements(data: MappingData, system: SourceSystem, base: string): SourceStatement[] {
  return [
    { rule: { fhir: 'meta.source' }, always: true },
    ...keysOf(data, system).map(({ collection, fields, always }) => {
      const name = sourceIdentifierSystem(base, system.system, collection)
      return { rule: { fhir: placeOfKey(data.resource, name), fields }, always }
    }),
    ...tenantTag(system, base),
  ]
}

interface Key {
  readonly collection: string
  readonly fields: readonly string[]
  readonly always: boolean
}

/** The owner's key first, then those of joined rows that are part of the resource. None for a fixed id. */
function keysOf(data: MappingData, { keys }: SourceSystem): Key[] {
  const { alias, collection, join = {} } = data.source
  if (data.id !== undefined) return []
  if (data.sid !== undefined) {
    return [{ collection: data.sid, fields: listOf(data.key as string | readonly string[]), always: true }]
  }
  const owner = [alias, { collection }] as const
  const parts = Object.entries(join).filter(([, { part }]) => part)
  return [owner, ...parts].map(([name, { collection: of }], index) => ({
    collection: of,
    fields: (keys.get(of) ?? []).map((column) => `${name}.${column}`),
    always: index === 0,
  }))
}

function placeOfKey(type: string, system: string): string {
  const identifier = elementsOf(type)?.get('identifier')
  if (identifier?.array) return `identifier[system=${system}].value`
  return identifier ? 'identifier.value' : `meta.tag[system=${system}].code`
}

function tenantTag({ tenant, system }: SourceSystem, base: string): SourceStatement[] {
  if (!tenant) return []
  const name = sourceIdentifierSystem(base, system, tenant.collection)
  return [{ rule: { fhir: `meta.tag[system=${name}].code` }, always: true }]
}
