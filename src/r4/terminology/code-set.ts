/**
 * Sets of codes, as value sets are made of them. What is not loaded is not known to be out: asking such a set for a code
 * gives `unknown` with what is missing, and listing it gives the gap.
 */
import type { ValueSetComposeIncludeConcept, ValueSetComposeIncludeConceptDesignation } from '@medplum/fhirtypes'
import type { CodeSystemIndex, Concept } from './code-system.ts'
import type { Test } from './filters.ts'

/** What is missing, and a sentence about it. */
export interface Gap {
  readonly canonical: string
  readonly sentence: string
}

export interface Entry {
  readonly system: string
  readonly code: string
  readonly version?: string | undefined
  readonly display?: string | undefined
  readonly designation: readonly ValueSetComposeIncludeConceptDesignation[]
  readonly abstract: boolean
  readonly inactive: boolean
  /** of the code system, where that is loaded */
  readonly concept?: Concept | undefined
  /** the language of the display */
  readonly language?: string | undefined
}

export type Membership =
  { readonly is: 'in'; readonly entry: Entry } | { readonly is: 'out' } | { readonly is: 'unknown'; readonly gap: Gap }

export interface Listing {
  readonly entries: readonly Entry[]
  readonly gaps: readonly Gap[]
  /** a part is all that is loaded of a code system: there may be more (http://hl7.org/fhir/StructureDefinition/valueset-unclosed) */
  readonly isOpen: boolean
}

export interface CodeSet {
  /** the code systems of its codes */
  readonly systems: ReadonlySet<string>
  /** how many sets it is made of */
  readonly parts: number
  has(system: string, code: string): Membership
  list(): Listing
}

export const OUT: Membership = { is: 'out' }

// ── codes of one system ──────────────────────────────────────────────────────────────────────────

/** A value set names codes: they are in it, whatever is known of their system. */
export function namedCodes(
  system: string,
  version: string | undefined,
  concepts: readonly ValueSetComposeIncludeConcept[],
  index: CodeSystemIndex | undefined,
): CodeSet {
  const entries = concepts.map((named) => namedEntry(system, version, named, index))
  const byCode = new Map(entries.map((entry) => [entry.code, entry]))
  return {
    systems: new Set([system]),
    parts: 1,
    has: (asked, code) => {
      if (asked !== system) return OUT
      const entry = byCode.get(code) ?? byCode.get(index?.get(code)?.code ?? code)
      return entry ? { is: 'in', entry } : OUT
    },
    list: () => ({ entries: [...byCode.values()], gaps: [], isOpen: false }),
  }
}

function namedEntry(
  system: string,
  version: string | undefined,
  named: ValueSetComposeIncludeConcept,
  index: CodeSystemIndex | undefined,
): Entry {
  const { code, display, designation = [] } = named
  const concept = index?.get(code)
  if (!index || !concept) return { system, version, code, display, designation, abstract: false, inactive: false }
  const entry = entryOf(index, concept)
  return { ...entry, code, display: display ?? entry.display, designation: [...designation, ...entry.designation] }
}

/** All codes of a system that pass every test. */
export function systemCodes(index: CodeSystemIndex, tests: readonly Test[] = []): CodeSet {
  const { url = '' } = index.system
  const isIn = (concept: Concept): boolean => tests.every((test) => test(concept))
  const gap = { canonical: url, sentence: `Of the code system "${url}" only a part is loaded here` }
  return {
    systems: new Set([url]),
    parts: 1 + tests.length,
    has: (asked, code) => {
      if (asked !== url) return OUT
      const concept = index.get(code)
      if (concept) return isIn(concept) ? { is: 'in', entry: entryOf(index, concept) } : OUT
      return index.isWhole ? OUT : { is: 'unknown', gap }
    },
    list: once(() => ({
      entries: index.concepts.filter(isIn).map((concept) => entryOf(index, concept)),
      gaps: [],
      isOpen: !index.isWhole,
    })),
  }
}

export function entryOf({ system: { url = '', version, language } }: CodeSystemIndex, concept: Concept): Entry {
  const { code, display, designation = [], abstract, inactive } = concept
  return { system: url, version, code, display, designation, abstract, inactive, concept, language }
}

/** Codes of a system that is not loaded, or that cannot be told. */
export function unknownCodes(system: string, gap: Gap): CodeSet {
  return {
    systems: new Set([system]),
    parts: 1,
    has: (asked) => (asked === system ? { is: 'unknown', gap } : OUT),
    list: () => ({ entries: [], gaps: [gap], isOpen: false }),
  }
}

/** A value set that is not loaded. */
export function unknownSet(gap: Gap): CodeSet {
  return {
    systems: new Set(),
    parts: 1,
    has: () => ({ is: 'unknown', gap }),
    list: () => ({ entries: [], gaps: [gap], isOpen: false }),
  }
}

// ── sets of sets ─────────────────────────────────────────────────────────────────────────────────

export function union(sets: readonly CodeSet[]): CodeSet {
  const [only] = sets
  if (only && sets.length === 1) return only
  return {
    ...madeOf(sets),
    has: (system, code) => {
      const found = sets.map((set) => set.has(system, code))
      return found.find(({ is }) => is === 'in') ?? found.find(({ is }) => is === 'unknown') ?? OUT
    },
    list: once(() => {
      const listings = sets.map((set) => set.list())
      return {
        entries: distinct(listings.flatMap(({ entries }) => entries)),
        gaps: listings.flatMap(({ gaps }) => gaps),
        isOpen: listings.some(({ isOpen }) => isOpen),
      }
    }),
  }
}

/** Codes that all of them have, as the first says them. */
export function intersection(sets: readonly [CodeSet, ...CodeSet[]]): CodeSet {
  const [first] = sets
  if (sets.length === 1) return first
  return {
    ...madeOf(sets),
    has: (system, code) => {
      const found = sets.map((set) => set.has(system, code))
      return found.find(({ is }) => is === 'out') ?? found.find(({ is }) => is === 'unknown') ?? found[0] ?? OUT
    },
    list: once(() => {
      const listed = sets.find((set) => set.list().gaps.length === 0)
      return listed
        ? sifted(listed.list(), (entry) => sets.map((set) => set.has(entry.system, entry.code)), true)
        : first.list()
    }),
  }
}

export function difference(from: CodeSet, without: CodeSet): CodeSet {
  return {
    ...madeOf([from, without]),
    systems: from.systems,
    has: (system, code) => {
      const found = from.has(system, code)
      if (found.is === 'out') return found
      const excluded = without.has(system, code)
      return excluded.is === 'in' ? OUT : excluded.is === 'unknown' ? excluded : found
    },
    list: once(() => sifted(from.list(), (entry) => [without.has(entry.system, entry.code)], false)),
  }
}

/** Codes without those that are not in use any more. */
export function activeCodes(set: CodeSet): CodeSet {
  return {
    ...set,
    has: (system, code) => {
      const found = set.has(system, code)
      return found.is === 'in' && found.entry.inactive ? OUT : found
    },
    list: () => {
      const listing = set.list()
      return { ...listing, entries: listing.entries.filter(({ inactive }) => !inactive) }
    },
  }
}

/** Those that all (or none) of the others have; what cannot be told is a gap. */
function sifted(
  { entries, gaps, isOpen }: Listing,
  ask: (entry: Entry) => readonly Membership[],
  wanted: boolean,
): Listing {
  const kept: Entry[] = []
  const missing = new Map<string, Gap>()
  for (const entry of entries) {
    const answers = ask(entry)
    const unwanted = answers.some(({ is }) => is === (wanted ? 'out' : 'in'))
    const unknown = answers.find((each) => each.is === 'unknown')
    if (!unwanted && unknown) missing.set(unknown.gap.sentence, unknown.gap)
    if (!unwanted && !unknown) kept.push(entry)
  }
  return { entries: kept, gaps: [...gaps, ...missing.values()], isOpen }
}

function madeOf(sets: readonly CodeSet[]): Pick<CodeSet, 'systems' | 'parts'> {
  return {
    systems: sets.reduce((all, { systems }) => all.union(systems), new Set<string>()),
    parts: sets.reduce((all, { parts }) => all + parts, 1),
  }
}

/** As the first says it that has it. */
function distinct(entries: readonly Entry[]): Entry[] {
  const byKey = new Map<string, Entry>()
  for (const entry of entries) {
    const key = `${entry.system}|${entry.code}`
    if (!byKey.has(key)) byKey.set(key, entry)
  }
  return [...byKey.values()]
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
