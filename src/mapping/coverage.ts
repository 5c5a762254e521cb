/** Every column of every collection is used by some mapping, or named as not mapped or internal with the reason. */
import type { MappingFileError } from './errors.ts'
import type { MappingData } from './mapping-file.ts'
import { aliasesOf } from './source.ts'
import type { SystemScope } from './scope.ts'
import type { YamlFile } from './yaml-file.ts'

/** Marks what the mapping's `not-mapped` names; names of columns that are not declared are mistakes. */
export function markNotMapped(scope: SystemScope, file: YamlFile, data: MappingData): MappingFileError[] {
  const aliases = aliasesOf(data)
  return Object.entries(data['not-mapped'] ?? {}).flatMap(([reason, texts]) =>
    texts.flatMap((text, index) => {
      const [alias = '', column = ''] = text.split('.')
      const collection = aliases.get(alias)?.collection
      if (collection === undefined || scope.columns[collection]?.[column] === undefined) {
        return [file.error(['not-mapped', reason, index], `"${text}" is no declared column`)]
      }
      scope.used.add(`${collection}.${column}`)
      return []
    }),
  )
}

/** Every declared column is mapped or named, but for those of a collection that system.yaml calls internal. */
export function coverageErrors(
  scope: SystemScope,
  files: { readonly system: YamlFile; readonly columns: YamlFile },
  mappings: readonly { readonly data: MappingData }[],
): MappingFileError[] {
  const read = new Set(
    mappings.flatMap(({ data }) => [...aliasesOf(data).values()].map(({ collection }) => collection)),
  )
  const internal = Object.keys(scope.system.internal ?? {})
  const open = Object.keys(scope.columns).filter((collection) => !internal.includes(collection))
  return [
    ...internal.flatMap((collection) => internalError(scope, files.system, collection, read) ?? []),
    ...open.flatMap((collection) => {
      if (read.has(collection)) return columnErrors(scope, files.columns, collection)
      const message = `${collection} is read by no mapping: map it, or say why not under internal in system.yaml`
      return [files.columns.error([collection], message)]
    }),
  ]
}

function internalError(
  { columns }: SystemScope,
  file: YamlFile,
  collection: string,
  read: ReadonlySet<string | undefined>,
): MappingFileError | undefined {
  const at = ['internal', collection]
  if (!columns[collection]) return file.error(at, `"${collection}" is no collection that columns.yaml declares`)
  return read.has(collection) ? file.error(at, `${collection} is called internal, yet a mapping reads it`) : undefined
}

function columnErrors(scope: SystemScope, file: YamlFile, collection: string): MappingFileError[] {
  return Object.keys(scope.columns[collection] ?? {}).flatMap((column) => {
    const implied = isKey(scope, collection, column) || scope.system.tenant?.column === column
    if (implied || scope.used.has(`${collection}.${column}`)) return []
    const message = `${collection}.${column} is neither mapped nor named under not-mapped in any mapping`
    return [file.error([collection, column], message)]
  })
}

function isKey(scope: SystemScope, collection: string, column: string): boolean {
  return [scope.system.keys[collection]].flat().includes(column)
}
