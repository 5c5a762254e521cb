/** Every column of every collection a mapping owns is used by some mapping, or named as not mapped with the reason. */
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

export function coverageErrors(
  scope: SystemScope,
  columnsFile: YamlFile,
  mappings: readonly { readonly data: MappingData }[],
): MappingFileError[] {
  const owned = new Set(mappings.flatMap(({ data }) => ownedCollections(data)))
  return Object.entries(scope.columns).flatMap(([collection, kinds]) => {
    if (!owned.has(collection)) return []
    return Object.keys(kinds).flatMap((column) => {
      const implied = isKey(scope, collection, column) || scope.system.tenant?.column === column
      if (implied || scope.used.has(`${collection}.${column}`)) return []
      const message = `${collection}.${column} is neither mapped nor named under not-mapped in any mapping`
      return [columnsFile.error([collection, column], message)]
    })
  })
}

function ownedCollections({ source }: MappingData): string[] {
  const parts = Object.values(source.join ?? {}).filter(({ part }) => part)
  return [source.collection, ...parts.map(({ collection }) => collection)]
}

function isKey(scope: SystemScope, collection: string, column: string): boolean {
  return [scope.system.keys[collection]].flat().includes(column)
}
