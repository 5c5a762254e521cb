/** A value set as a set of codes: its composition (R4 valueset.html#compositions), or else the expansion it came with. */
import type { ValueSet, ValueSetComposeInclude, ValueSetExpansionContains } from '@medplum/fhirtypes'
import { isUnit, UCUM } from '../ucum.ts'
import type { CodeSystemIndex } from './code-system.ts'
import type { CodeSet, Entry, Gap } from './code-set.ts'
import {
  activeCodes,
  difference,
  intersection,
  namedCodes,
  OUT,
  systemCodes,
  union,
  unknownCodes,
  unknownSet,
} from './code-set.ts'
import { filterTest } from './filters.ts'

/** What is loaded. */
export interface Loaded {
  codeSystem(canonical: string): CodeSystemIndex | undefined
  valueSet(canonical: string): ValueSet | undefined
}

/** One compilation: what it has met on the way, so that each is compiled once and none imports itself. */
interface Compilation {
  readonly loaded: Loaded
  readonly done: Map<string, CodeSet>
  readonly open: Set<string>
}

/** Value sets may import others, which import the same others …: what one question may cost has an end. */
const MOST_PARTS = 10_000

export function codeSetOf(valueSet: ValueSet, loaded: Loaded): CodeSet {
  const open = new Set(valueSet.url === undefined ? [] : [valueSet.url])
  return composed(valueSet, { loaded, done: new Map(), open })
}

function composed(valueSet: ValueSet, compilation: Compilation): CodeSet {
  const { compose, expansion } = valueSet
  const { url = '' } = valueSet
  if (!compose) {
    if (expansion) return expanded(expansion.contains ?? [])
    return unknownSet({ canonical: url, sentence: `The value set "${url}" says no codes` })
  }
  const included = union((compose.include ?? []).map((each) => includedCodes(each, compilation)))
  const excluded = compose.exclude && union(compose.exclude.map((each) => includedCodes(each, compilation)))
  const codes = excluded ? difference(included, excluded) : included
  if (codes.parts > MOST_PARTS) {
    return unknownSet({ canonical: url, sentence: `The value set "${url}" is made of too many others` })
  }
  const active = compose.inactive === false ? activeCodes(codes) : codes
  return expansion ? orExpanded(active, expanded(expansion.contains ?? [])) : active
}

/** The value sets and the system that it names must all have a code. */
function includedCodes(include: ValueSetComposeInclude, compilation: Compilation): CodeSet {
  const { system, valueSet = [] } = include
  const imported = valueSet.map((canonical) => importedCodes(canonical, compilation))
  const own = system === undefined ? [] : [codesOfSystem(system, include, compilation.loaded)]
  const [first, ...others] = [...own, ...imported]
  return first ? intersection([first, ...others]) : union([])
}

function importedCodes(canonical: string, compilation: Compilation): CodeSet {
  const { loaded, done, open } = compilation
  const known = done.get(canonical)
  if (known) return known
  const valueSet = loaded.valueSet(canonical)
  if (!valueSet) return unknownSet({ canonical, sentence: `The value set "${canonical}" is not loaded here` })
  const { url = canonical } = valueSet
  if (open.has(url)) return unknownSet({ canonical, sentence: `The value set "${url}" imports itself` })
  open.add(url)
  const codes = composed(valueSet, compilation)
  open.delete(url)
  done.set(canonical, codes)
  return codes
}

function codesOfSystem(system: string, include: ValueSetComposeInclude, loaded: Loaded): CodeSet {
  const { version, concept, filter = [] } = include
  const exact = loaded.codeSystem(version === undefined ? system : `${system}|${version}`)
  const index = exact ?? partial(loaded.codeSystem(system))
  if (concept) return namedCodes(system, version, concept, index)
  if (system === UCUM && filter.length === 0) return unitsOfUcum()
  if (!index) return unknownCodes(system, notLoaded(system))
  const tests = filter.map((each) => filterTest(index, each))
  const known = tests.filter((test) => test !== undefined)
  if (known.length === tests.length) return systemCodes(index, known)
  const sentence = `The codes of "${system}" are filtered in a way that is not known here`
  return unknownCodes(system, { canonical: system, sentence })
}

/** A grammar, not a list: any can be asked for, and none can list them all. */
function unitsOfUcum(): CodeSet {
  const gap = { canonical: UCUM, sentence: 'The units of UCUM are made by rules and have no end' }
  const entryOfUnit = (code: string): Entry => ({
    ...{ system: UCUM, code, designation: [], abstract: false, inactive: false },
  })
  return {
    ...unknownCodes(UCUM, gap),
    has: (asked, code) => (asked === UCUM && isUnit(code) ? { is: 'in', entry: entryOfUnit(code) } : OUT),
  }
}

export function notLoaded(system: string): Gap {
  return { canonical: system, sentence: `The code system "${system}" is not loaded here` }
}

/** Another version than the wanted: what it has is taken for in, what it has not may be in the other. */
function partial(index: CodeSystemIndex | undefined): CodeSystemIndex | undefined {
  return index && { ...index, isWhole: false }
}

// ── expansions that come with a value set ────────────────────────────────────────────────────────

function expanded(contains: readonly ValueSetExpansionContains[]): CodeSet {
  const entries = contained(contains)
  const byCode = new Map(entries.map((entry) => [`${entry.system}|${entry.code}`, entry]))
  return {
    systems: new Set(entries.map(({ system }) => system)),
    parts: 1,
    has: (system, code) => {
      const entry = byCode.get(`${system}|${code}`)
      return entry ? { is: 'in', entry } : OUT
    },
    list: () => ({ entries, gaps: [], isOpen: false }),
  }
}

/** Entries without a code are headings. */
function contained(contains: readonly ValueSetExpansionContains[]): Entry[] {
  return contains.flatMap(
    ({ system = '', code, abstract = false, inactive = false, contains: inner = [], ...rest }) => {
      const { version, display, designation = [] } = rest
      const own = code === undefined ? [] : [{ system, code, version, display, designation, abstract, inactive }]
      return [...own, ...contained(inner)]
    },
  )
}

/** Where the composition cannot be told, the expansion says what is in; it may not say all. */
function orExpanded(codes: CodeSet, expansion: CodeSet): CodeSet {
  return {
    ...codes,
    has: (system, code) => {
      const found = codes.has(system, code)
      const listed = found.is === 'unknown' ? expansion.has(system, code) : found
      return listed.is === 'in' ? listed : found
    },
  }
}
