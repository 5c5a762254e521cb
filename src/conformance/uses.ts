/** How the mappings of a system use its code tables. */
import type { SourceSystem } from '../mapping/lens.ts'
import { outlineOf } from './outline.ts'
import type { Place } from './outline.ts'
import { tableUse } from './table-use.ts'
import type { TableUse } from './table-use.ts'

/** By the name of the table. */
export function tableUses({ written }: SourceSystem, base: string): Map<string, TableUse[]> {
  const uses = written.mappings.flatMap((data) => usesIn(outlineOf(data, base, []).root))
  return Map.groupBy(uses, ({ table }) => table)
}

function usesIn(place: Place): TableUse[] {
  return [...place.fields.values()].flatMap(({ element, places }) =>
    [...places.values()].flatMap((item) => [
      ...item.statements.flatMap((statement) => tableUse(statement, element, place) ?? []),
      ...usesIn(item),
    ]),
  )
}
