/** The expansion of a value set (R4 valueset.html#expansion): what is wanted of its codes, as a page or as a tree. */
import { randomUUID } from 'node:crypto'
import type { ValueSet, ValueSetExpansionContains, ValueSetExpansionParameter } from '@medplum/fhirtypes'
import { GatewayError } from '../../kernel/errors.ts'
import { foldWhole } from '../keys/fold.ts'
import type { CodeSet, Entry } from './code-set.ts'
import { displayIn } from './languages.ts'

export interface Wish {
  readonly filter?: string | undefined
  readonly offset?: number | undefined
  readonly count?: number | undefined
  readonly includeDesignations?: boolean | undefined
  readonly includeDefinition?: boolean | undefined
  readonly activeOnly?: boolean | undefined
  readonly excludeNested?: boolean | undefined
  /** abstract codes are shown as headings only */
  readonly excludeNotForUI?: boolean | undefined
  readonly displayLanguage?: string | undefined
  /** best first: `displayLanguage`, then what the request accepts */
  readonly languages: readonly string[]
}

/** In one answer. */
const MOST = 10_000
/** Deeper than any hierarchy that people read. */
const DEEPEST = 50
const UNCLOSED = { url: 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed', valueBoolean: true }

/** Throws 422 where not all codes are known, or where there are too many for one answer. */
export function expand(valueSet: ValueSet, codes: CodeSet, wish: Wish): ValueSet {
  const { entries, gaps, isOpen } = codes.list()
  const [gap] = gaps
  if (gap) throw new GatewayError('GW_UNPROCESSABLE', `${gap.sentence}: the value set cannot be expanded.`)
  const wanted = entries.filter(wantedBy(wish))
  const isPaged = wish.offset !== undefined || wish.count !== undefined
  const page = isPaged ? pageOf(wanted, wish) : wanted
  if (page.length > MOST) {
    const sentence = `The value set has ${wanted.length} codes: ask for at most ${MOST} at once with "count" and "offset".`
    throw new GatewayError('GW_TOO_COSTLY', sentence)
  }
  const isTree = !isPaged && wish.filter === undefined && wish.excludeNested !== true
  const parameter = parametersOf(wish, page)
  const contains = isTree ? tree(page, wish) : page.map((entry) => containsOf(entry, wish))
  return {
    ...(wish.includeDefinition ? valueSet : summaryOf(valueSet)),
    expansion: {
      ...(isOpen && { extension: [UNCLOSED] }),
      identifier: `urn:uuid:${randomUUID()}`,
      timestamp: new Date().toISOString(),
      total: wanted.length,
      ...(isPaged && { offset: wish.offset ?? 0 }),
      ...(parameter.length > 0 && { parameter }),
      ...(contains.length > 0 && { contains }),
    },
  }
}

function pageOf(entries: readonly Entry[], { offset = 0, count }: Wish): readonly Entry[] {
  return entries.slice(offset, count === undefined ? undefined : offset + count)
}

function wantedBy({ filter, activeOnly, excludeNotForUI }: Wish): (entry: Entry) => boolean {
  const words = foldWhole(filter ?? '')
    .split(' ')
    .filter((word) => word !== '')
  return (entry) => {
    if (activeOnly === true && entry.inactive) return false
    if (excludeNotForUI === true && entry.abstract) return false
    return words.length === 0 || hasWords(entry, words)
  }
}

/** In the code, the display or a designation; a code is found as it is written too. */
function hasWords({ code, display = '', designation }: Entry, words: readonly string[]): boolean {
  const texts = [code, display, ...designation.map(({ value }) => value)]
  return texts.some((text) => {
    const folded = foldWhole(text)
    return words.every((word) => folded.includes(word))
  })
}

/** The value set without how it is made. */
function summaryOf(valueSet: ValueSet): ValueSet {
  const { resourceType, id, meta, language, url, version, name, title, status } = valueSet
  const kept = { id, meta, language, url, version, name, title, status }
  const there = Object.entries(kept).filter(([, value]) => value !== undefined)
  return { resourceType, status, ...Object.fromEntries(there) }
}

function containsOf(entry: Entry, { includeDesignations, languages }: Wish): ValueSetExpansionContains {
  const { system, version, code, designation, abstract, inactive } = entry
  const display = displayIn(entry, languages)
  return {
    system,
    ...(abstract && { abstract }),
    ...(inactive && { inactive }),
    ...(version !== undefined && { version }),
    code,
    ...(display !== undefined && { display }),
    ...(includeDesignations && designation.length > 0 && { designation: [...designation] }),
  }
}

/** Each under the first of its parents that is in the value set too. */
function tree(entries: readonly Entry[], wish: Wish): ValueSetExpansionContains[] {
  const keys = new Set(entries.map(({ system, code }) => `${system}|${code}`))
  const parentOf = ({ system, concept }: Entry): string | undefined =>
    concept?.parents.map((code) => `${system}|${code}`).find((key) => keys.has(key))
  const byParent = Map.groupBy(entries, parentOf)
  const placed = new Set<Entry>()
  const place = (entry: Entry, depth: number): ValueSetExpansionContains => {
    placed.add(entry)
    const children = depth < DEEPEST ? (byParent.get(`${entry.system}|${entry.code}`) ?? []) : []
    const inner = children.filter((child) => !placed.has(child)).map((child) => place(child, depth + 1))
    return { ...containsOf(entry, wish), ...(inner.length > 0 && { contains: inner }) }
  }
  const roots = (byParent.get(undefined) ?? []).map((entry) => place(entry, 0))
  // What stands in a circle or too deep is not lost
  return [...roots, ...entries.filter((entry) => !placed.has(entry)).map((entry) => containsOf(entry, wish))]
}

/** What the expansion depends on: what was asked, and the versions of the code systems. */
function parametersOf(wish: Wish, entries: readonly Entry[]): ValueSetExpansionParameter[] {
  const { languages, filter, displayLanguage, offset, count } = wish
  const flags = ['includeDesignations', 'activeOnly', 'excludeNested', 'excludeNotForUI'] as const
  const [spoken = displayLanguage] = languages
  const versions = new Set(
    entries.flatMap(({ system, version }) => (version === undefined ? [] : [`${system}|${version}`])),
  )
  return [
    ...(filter === undefined ? [] : [{ name: 'filter', valueString: filter }]),
    ...(offset === undefined ? [] : [{ name: 'offset', valueInteger: offset }]),
    ...(count === undefined ? [] : [{ name: 'count', valueInteger: count }]),
    ...flags.flatMap((name) => (wish[name] === undefined ? [] : [{ name, valueBoolean: wish[name] }])),
    ...(spoken === undefined ? [] : [{ name: 'displayLanguage', valueCode: spoken }]),
    ...[...versions].map((valueUri) => ({ name: 'version', valueUri })),
  ]
}
