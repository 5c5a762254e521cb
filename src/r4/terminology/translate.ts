/** What a code is in another system, by concept maps (R4 conceptmap.html#unmapped, conceptmap-operation-translate.html). */
import type { Coding, ConceptMap, ConceptMapGroup, ConceptMapGroupElementTarget } from '@medplum/fhirtypes'

export type Equivalence = ConceptMapGroupElementTarget['equivalence']

export interface Match {
  readonly equivalence: Equivalence
  /** absent: the map says that there is none */
  readonly concept?: Coding
  /** canonical of the map */
  readonly source: string | undefined
}

export interface Direction {
  readonly reverse: boolean
  /** another map, which one may send on to */
  mapOf(canonical: string): ConceptMap | undefined
  /** are these two the same code of the system? */
  isSame(system: string, one: string, other: string): boolean
}

/** Maps that send on to one another have an end. */
const MOST_STEPS = 5
const REVERSED: Partial<Record<NonNullable<Equivalence>, Equivalence>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
}

export function translate(maps: readonly ConceptMap[], coding: Coding, direction: Direction): Match[] {
  const found = maps.flatMap((map) => matchesIn(map, coding, direction, 0))
  const distinct = new Map(found.map((match) => [JSON.stringify(match), match]))
  return [...distinct.values()]
}

/** Does the map say that there is such a code? */
export function isMatch({ equivalence }: Match): boolean {
  return equivalence !== 'unmatched' && equivalence !== 'disjoint'
}

function matchesIn(map: ConceptMap, coding: Coding, direction: Direction, steps: number): Match[] {
  const { group = [], url } = map
  return group.flatMap((each) =>
    direction.reverse ? backwards(each, coding, direction, url) : forwards(each, coding, direction, { url, steps }),
  )
}

interface Place {
  readonly url: string | undefined
  readonly steps: number
}

function forwards(group: ConceptMapGroup, coding: Coding, direction: Direction, { url, steps }: Place): Match[] {
  const { source = coding.system, element, target, targetVersion } = group
  if (!isSystem(source, coding.system)) return []
  const own = element.filter(({ code = '' }) => direction.isSame(source ?? '', code, coding.code ?? ''))
  if (own.length === 0) return unmapped(group, coding, direction, { url, steps })
  return own
    .flatMap((each) => each.target ?? [])
    .map(({ code, display, equivalence }) => ({
      equivalence,
      ...(code !== undefined && { concept: codingOf(target, code, display, targetVersion) }),
      source: url,
    }))
}

/** Of a code that the group does not know. */
function unmapped(group: ConceptMapGroup, coding: Coding, direction: Direction, { url, steps }: Place): Match[] {
  const { unmapped: rule, target } = group
  if (!rule) return []
  if (rule.mode === 'provided') {
    return [{ equivalence: 'equal', concept: codingOf(target, coding.code ?? '', coding.display), source: url }]
  }
  if (rule.mode === 'fixed') {
    return [{ equivalence: 'relatedto', concept: codingOf(target, rule.code ?? '', rule.display), source: url }]
  }
  const other = rule.url === undefined || steps >= MOST_STEPS ? undefined : direction.mapOf(rule.url)
  return other ? matchesIn(other, coding, direction, steps + 1) : []
}

function backwards(group: ConceptMapGroup, coding: Coding, direction: Direction, url: string | undefined): Match[] {
  const { source, sourceVersion, target = coding.system, element } = group
  if (!isSystem(target, coding.system)) return []
  return element.flatMap(({ code: from, display, target: targets = [] }) =>
    targets.flatMap(({ code, equivalence }) => {
      const isIt = code !== undefined && direction.isSame(target ?? '', code, coding.code ?? '')
      if (!isIt || from === undefined) return []
      const reversed = equivalence && (REVERSED[equivalence] ?? equivalence)
      return [{ equivalence: reversed, concept: codingOf(source, from, display, sourceVersion), source: url }]
    }),
  )
}

function isSystem(one: string | undefined, asked: string | undefined): boolean {
  return asked === undefined || one?.replace(/\|.*/s, '') === asked
}

function codingOf(system: string | undefined, code: string, display?: string, version?: string): Coding {
  return {
    ...(system !== undefined && { system }),
    ...(version !== undefined && { version }),
    code,
    ...(display !== undefined && { display }),
  }
}
