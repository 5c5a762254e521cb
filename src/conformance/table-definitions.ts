/**
 * A code table of `codes.yaml` as FHIR says it: the words of the source (CodeSystem), the codes they read as (ValueSet),
 * and which stands for which (ConceptMap).
 *
 * A word that is read but never written (`~`) means more than its code can say back: R4 calls the code `wider`.
 */
import type { CodeSystem, ConceptMap, ConceptMapGroup, ConceptMapGroupElement, ValueSet } from '@medplum/fhirtypes'
import type { CodeTable, FhirCode } from '../mapping/code-table.ts'
import { codeKey, normaliseWord } from '../mapping/code-table.ts'
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
  const valueSet = valueSetOf(table, uses, context)
  const made = [
    codeSystem(table, words, context),
    conceptMap(table, words, uses, context),
    ...(valueSet ? [valueSet] : []),
  ]
  return made as Definition[]
}

/** The system of the codes at one of their places, where that is known. */
export function targetSystem(table: CodeTable, uses: readonly TableUse[], index: number): string | undefined {
  return table.system ?? uses.find((use) => use.index === index && use.system !== undefined)?.system
}

/** A ValueSet is made where the codes' system is known and some element is bound to it. */
export function isListed(table: CodeTable, uses: readonly TableUse[]): boolean {
  return uses.some(({ bound }) => bound) && targetSystem(table, uses, 0) !== undefined
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
) {
  const id = tableId(system, name)
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

function valueSetOf(table: CodeTable, uses: readonly TableUse[], context: TableContext): ValueSet | undefined {
  const system = targetSystem(table, uses, 0)
  if (!isListed(table, uses) || system === undefined) return undefined
  const given = [...table.toFhir.values(), ...(table.otherwise === undefined ? [] : [table.otherwise])].flat()
  const codes = new Set([...given, ...uses.flatMap(({ others }) => others)])
  const concept = [...codes].map((code) => {
    const display = table.display.get(code)
    return { code, ...(display !== undefined && { display }) }
  })
  return {
    ...head('ValueSet', table, context),
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
    group: Array.from({ length: parts }, (_, index) => group(table, words, { source, index, uses })),
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

function group(table: CodeTable, words: readonly Word[], { source, index, uses }: GroupPlan): ConceptMapGroup {
  const target = targetSystem(table, uses, index)
  const otherwise = table.otherwise === undefined ? undefined : codesAt(table, table.otherwise, index)[0]
  return {
    source,
    ...(target !== undefined && { target }),
    element: words.map((word) => elementOf(table, word, index)),
    ...(otherwise !== undefined && { unmapped: { mode: 'fixed' as const, code: otherwise } }),
  }
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
