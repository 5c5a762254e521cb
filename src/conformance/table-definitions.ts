/**
 * A code table of `codes.yaml` as FHIR says it: the words of the source (CodeSystem), the codes they read as (ValueSet),
 * and which stands for which (ConceptMap).
 *
 * A word that is read but never written (`~`) means more than its code can say back: R4 calls the code `wider`.
 */
import type { CodeSystem, ConceptMap, ConceptMapGroup, ConceptMapGroupElement, ValueSet } from '@medplum/fhirtypes'
import type { CodeTable, FhirCode } from '../mapping/code-table.ts'
import { codeKey, normaliseWord } from '../mapping/code-table.ts'
import { MAX_ID, sha8 } from '../mapping/identity.ts'
import type { SourceSystem } from '../mapping/lens.ts'
import type { Definition } from './canonical.ts'
import { canonicalUrl, computableName, PUBLISHER } from './canonical.ts'
import type { TableUse } from './table-use.ts'

export interface TableContext {
  readonly base: string
  readonly version: string
  readonly system: SourceSystem
}

export function tableId({ system }: SourceSystem, table: string): string {
  return `${system}-${table}`
}

export function tableDefinitions(table: CodeTable, uses: readonly TableUse[], context: TableContext): Definition[] {
  const words = wordsOf(table)
  const valueSets = boundSystems(table, uses).map((system) => valueSetOf(table, system, uses, context))
  return [codeSystem(table, words, context), conceptMap(table, words, uses, context), ...valueSets] as Definition[]
}

/** The code systems of the codes at one of their places: the same words may be codes of several. */
function targetSystems(table: CodeTable, uses: readonly TableUse[], index: number): string[] {
  if (table.system !== undefined) return [table.system]
  return [...new Set(uses.flatMap((use) => (use.index === index && use.system !== undefined ? [use.system] : [])))]
}

/** Where elements are bound to what the table gives. */
function boundSystems(table: CodeTable, uses: readonly TableUse[]): string[] {
  return targetSystems(
    table,
    uses.filter(({ bound }) => bound),
    0,
  ).filter(() => uses.some(({ bound }) => bound))
}

/** The canonical of the ValueSet of the codes that the table gives at that place. */
export function valueSetUrl(
  table: CodeTable,
  uses: readonly TableUse[],
  { system = '' }: TableUse,
  context: TableContext,
): string | undefined {
  const wanted = table.system ?? system
  return boundSystems(table, uses).includes(wanted)
    ? canonicalUrl(context.base, 'ValueSet', valueSetId(table, uses, wanted, context))
    : undefined
}

/** With the name of the code system, where there are several. */
function valueSetId(table: CodeTable, uses: readonly TableUse[], system: string, context: TableContext): string {
  const id = tableId(context.system, table.name)
  if (boundSystems(table, uses).length === 1) return id
  const named = `${id}-${system.slice(system.lastIndexOf('/') + 1)}`
  return named.length > MAX_ID ? `${id}-${sha8(system)}` : named
}

interface Word {
  /** as the table spells it */
  readonly word: string
  readonly code: FhirCode
  readonly written: boolean
}

function wordsOf({ toFhir, toStored }: CodeTable): Word[] {
  return [...toFhir].map(([word, code]) => {
    const stored = String(toStored.get(codeKey(code)) ?? '')
    const written = normaliseWord(stored) === word
    return { word: written ? stored : word, code, written }
  })
}

function head(
  type: 'CodeSystem' | 'ValueSet' | 'ConceptMap',
  { name }: CodeTable,
  { base, version, system }: TableContext,
  id = tableId(system, name),
) {
  return {
    resourceType: type,
    id,
    url: canonicalUrl(base, type, id),
    version,
    name: computableName(id),
    status: 'active' as const,
    publisher: PUBLISHER,
  }
}

function codeSystem(table: CodeTable, words: readonly Word[], context: TableContext): CodeSystem {
  return {
    ...head('CodeSystem', table, context),
    resourceType: 'CodeSystem',
    title: `${context.system.title}: words of ${table.name}`,
    description: `What ${context.system.title} stores for ${table.name}. Case does not matter.`,
    caseSensitive: false,
    content: 'complete',
    count: words.length,
    concept: words.map(({ word }) => ({ code: word })),
  }
}

function valueSetOf(table: CodeTable, system: string, uses: readonly TableUse[], context: TableContext): ValueSet {
  const given = [...table.toFhir.values(), ...(table.otherwise === undefined ? [] : [table.otherwise])].flat()
  const codes = new Set([...given, ...uses.flatMap(({ others }) => others)])
  const concept = [...codes].map((code) => {
    const display = table.display.get(code)
    return { code, ...(display !== undefined && { display }) }
  })
  return {
    ...head('ValueSet', table, context, valueSetId(table, uses, system, context)),
    resourceType: 'ValueSet',
    title: `${context.system.title}: codes of ${table.name}`,
    description: `The codes that stand in FHIR for the words ${context.system.title} stores for ${table.name}.`,
    compose: { include: [{ system, concept }] },
  }
}

function conceptMap(
  table: CodeTable,
  words: readonly Word[],
  uses: readonly TableUse[],
  context: TableContext,
): ConceptMap {
  const source = canonicalUrl(context.base, 'CodeSystem', tableId(context.system, table.name))
  const parts = Math.max(
    1,
    ...words.map(({ code }) => (typeof code === 'string' || isOneConcept(table) ? 1 : code.length)),
  )
  return {
    ...head('ConceptMap', table, context),
    resourceType: 'ConceptMap',
    title: `${context.system.title}: ${table.name} in FHIR`,
    description: `Which FHIR code each word stands for. A code that is wider than its word is read, and written as another word.`,
    group: Array.from({ length: parts }, (_, index) => groups(table, words, { source, index, uses })).flat(),
  }
}

/** The codes of a table of concepts are codings of one concept; of any other table they go to elements of their own. */
function isOneConcept({ system }: CodeTable): boolean {
  return system !== undefined
}

interface GroupPlan {
  readonly source: string
  readonly index: number
  readonly uses: readonly TableUse[]
}

function groups(table: CodeTable, words: readonly Word[], { source, index, uses }: GroupPlan): ConceptMapGroup[] {
  const systems = targetSystems(table, uses, index)
  const otherwise = table.otherwise === undefined ? undefined : codesAt(table, table.otherwise, index)[0]
  return (systems.length > 0 ? systems : [undefined]).map((target) => ({
    source,
    ...(target !== undefined && { target }),
    element: words.map((word) => elementOf(table, word, index)),
    ...(otherwise !== undefined && { unmapped: { mode: 'fixed' as const, code: otherwise } }),
  }))
}

function elementOf(table: CodeTable, { word, code, written }: Word, index: number): ConceptMapGroupElement {
  const equivalence = written ? 'equivalent' : 'wider'
  const target = codesAt(table, code, index).map((each) => {
    const display = table.display.get(each)
    return { code: each, ...(display !== undefined && { display }), equivalence } as const
  })
  return { code: word, target }
}

function codesAt(table: CodeTable, code: FhirCode, index: number): readonly string[] {
  if (typeof code === 'string') return [code]
  return isOneConcept(table) ? code : code.slice(index, index + 1)
}
