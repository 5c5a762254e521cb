/**
 * A column that some rule seals is read by sealed rules only: keys, joins and conditions are kept in clear, and so is what
 * other rules give.
 */
import type { MappingFileError } from './errors.ts'
import { listOf } from './mapping-file.ts'
import type { Conditions, MappingData, RuleData } from './mapping-file.ts'
import { aliasesOf } from './source.ts'
import type { YamlFile, YamlPath } from './yaml-file.ts'

interface MappingOf {
  readonly file: YamlFile
  readonly data: MappingData
}

/** Every other use of a column that some rule seals: keys, joins and conditions are kept in clear, and so are other rules' values. */
export function openUses(mappings: readonly MappingOf[]): MappingFileError[] {
  const sealed = new Set(mappings.flatMap(({ data }) => rulesOf(data).flatMap((rule) => sealedColumn(data, rule.data))))
  if (sealed.size === 0) return []
  return mappings.flatMap(({ file, data }) =>
    usesOf(data).flatMap(({ texts, at }) =>
      texts
        .filter((text) => sealed.has(columnOf(data, text)))
        .map((text) =>
          file.error(at, `"${text}" is sealed in another place, so it must be sealed here too or not used`),
        ),
    ),
  )
}

interface RuleAt {
  readonly data: RuleData
  readonly at: YamlPath
}

function rulesOf({ rules, split = {} }: MappingData): RuleAt[] {
  const of = (list: readonly RuleData[], at: YamlPath): RuleAt[] =>
    list.map((data, index) => ({ data, at: [...at, index] }))
  return [
    ...of(rules, ['rules']),
    ...Object.entries(split).flatMap(([slot, part]) => of(part.rules, ['split', slot, 'rules'])),
  ]
}

function sealedColumn(data: MappingData, { sealed, field = '' }: RuleData): string[] {
  return sealed === true ? [columnOf(data, field)] : []
}

function columnOf(data: MappingData, text: string): string {
  const [alias = '', column = ''] = text.split('.')
  return `${aliasesOf(data).get(alias)?.collection ?? ''}.${column}`
}

interface Use {
  readonly texts: readonly string[]
  readonly at: YamlPath
}

function usesOf(data: MappingData): Use[] {
  const { source, key, unique = [], create, transitions = {}, editable, require } = data
  const keys = typeof key === 'object' && 'first' in key ? key.first.map(({ field }) => field) : listOf(key)
  const joins = Object.values(source.join ?? {}).flatMap(({ on }) => on.match(/[\w-]+\.[\w-]+/g) ?? [])
  const slot = typeof data.slot === 'object' ? listOf(data.slot.of) : []
  return [
    {
      texts: [...joins, ...(source.deleted ?? []), ...namesOf(source.where), ...Object.values(source.each ?? {})],
      at: ['source'],
    },
    { texts: [...keys, ...slot], at: ['key'] },
    { texts: [...unique, ...Object.keys(transitions), ...namesOf(editable)], at: ['unique'] },
    { texts: [...Object.keys(create?.allocate ?? {}), ...notPresent(require)], at: ['create'] },
    ...rulesOf(data).map(({ data: rule, at }) => ({ texts: readBy(rule), at })),
  ]
}

function namesOf(conditions: Conditions = {}): string[] {
  return Object.keys(conditions)
}

/** Whether there is a value says nothing of it. */
function notPresent(conditions: Conditions = {}): string[] {
  return Object.entries(conditions).flatMap(([text, wanted]) => (wanted === 'present' ? [] : [text]))
}

function readBy({ sealed, field, fields, display, when }: RuleData): string[] {
  const own = sealed === true ? [] : listOf(field)
  // Of some codecs `display` is a choice, not a column
  const shown = listOf(display).filter((text) => typeof text === 'string')
  return [...own, ...listOf(fields), ...shown, ...notPresent(when)]
}
