/** The StructureDefinition of what a mapping gives: derived from its rules, so that it cannot say anything else. */
import type { StructureDefinition } from '@medplum/fhirtypes'
import type { SourceSystem } from '../mapping/lens.ts'
import type { MappingData, RuleData } from '../mapping/mapping-file.ts'
import type { Definition } from './canonical.ts'
import { canonicalUrl, computableName, profileId, PUBLISHER } from './canonical.ts'
import { differentialOf } from './differential.ts'
import { outlineOf } from './outline.ts'
import { sourceStatements } from './source-statements.ts'
import type { TableUse } from './table-use.ts'

export interface ProfileContext {
  readonly base: string
  readonly version: string
  readonly system: SourceSystem
  /** canonical of the profile of what a mapping gives */
  profileOf(mapping: string): string
  /** canonical of the ValueSet of the codes that a table of the system gives there */
  valueSetOf(use: TableUse): string | undefined
}

export function profileOfMapping(data: MappingData, context: ProfileContext): Definition {
  const { base, version, system } = context
  const id = profileId(data.mapping)
  const outline = outlineOf(data, base, sourceStatements(data, system, base))
  const element = differentialOf(data.resource, outline.root, {
    ...context,
    shapes: outline.shapes,
    identity: system.system,
    columnsOf: (rule) => columnsOf(data, rule),
  })
  const profile = {
    resourceType: 'StructureDefinition',
    id,
    url: canonicalUrl(base, 'StructureDefinition', id),
    version,
    name: computableName(id),
    title: `${system.title}: ${data.mapping.split('/')[1] ?? ''} (${data.resource})`,
    status: 'active',
    publisher: PUBLISHER,
    description: describe(data, system),
    fhirVersion: '4.0.1',
    mapping: [{ identity: system.system, uri: `${base}/sid/${system.system}`, name: system.title }],
    kind: 'resource',
    abstract: false,
    type: data.resource,
    baseDefinition: `http://hl7.org/fhir/StructureDefinition/${data.resource}`,
    derivation: 'constraint',
    differential: { element },
  }
  return profile as unknown as StructureDefinition & Definition
}

function describe({ source, resource, split, direction }: MappingData, { title }: SourceSystem): string {
  const joined = [...new Set(Object.values(source.join ?? {}).map(({ collection }) => collection))]
  const others = joined.length > 0 ? ` (with ${joined.join(', ')})` : ''
  const parts = split ? `, one for each of ${Object.keys(split).join(', ')} that is filled` : ''
  const writes = direction === 'rw' ? 'It can be written through FHIR.' : 'It is read only.'
  const sentence = `What a row of ${source.collection}${others} of ${title} reads as: ${resource}${parts}.`
  return `${sentence} ${writes} Elements marked mustSupport are filled when their columns are.`
}

/** `p.birthDate` → `patients.birthDate`; of an `each` alias, what it stands for. */
function columnsOf({ source }: MappingData, { field, fields = [] }: RuleData): string[] {
  const { collection, alias, join = {}, each = {} } = source
  return [...(field === undefined ? [] : [field]), ...fields].map((text): string => {
    const [name = '', ...column] = text.split('.')
    if (name in each) {
      const [owner = '', ...list] = (each[name] ?? '').split('.')
      return [owner === alias ? collection : (join[owner]?.collection ?? owner), `${list.join('.')}[]`, ...column].join(
        '.',
      )
    }
    return [name === alias ? collection : (join[name]?.collection ?? name), ...column].join('.')
  })
}
