/** The oracle of answers: what of a tenant an asker sees, finds, is brought along, and reads of versions. */
import { found, linksOf, type Resource, type World } from '../../../support/search-oracle/ask.ts'
import { parametersOf, type Parameter } from '../../../support/search-oracle/definitions.ts'
import type { Asker } from './people.ts'
import { may, seesAllOf, typeIn } from './rights.ts'
import type { Rules } from './rights.ts'
import { compartment, patientsIn } from './whose.ts'
import type { Held, Version } from './world.ts'

export function named({ resourceType, id }: Resource): string {
  return `${resourceType}/${id}`
}

/** What one of the letters allows of what is there now. */
export function seenWorld({ current }: Held, rules: Rules, letters: string): World {
  return new Map([...current].map(([type, all]) => [type, all.filter((each) => may(rules, letters, each))]))
}

export function allIn(world: World): Resource[] {
  return [...world.values()].flat()
}

/** What each asker sees with each letter, worked out once. */
export interface View {
  readonly asker: Asker
  readonly held: Held
  readonly read: World
  readonly search: World
  /** read or searched: what is brought along */
  readonly either: World
}

export function viewOf(asker: Asker, held: Held): View {
  const worldOf = (letters: string): World => seenWorld(held, asker.rules, letters)
  return { asker, held, read: worldOf('r'), search: worldOf('s'), either: worldOf('rs') }
}

export function at(world: World, name: string): Resource | undefined {
  const [type = '', id] = name.split('/')
  return world.get(type)?.find((each) => each.id === id)
}

/** Chains and `_has` see what may be searched. */
export function searched({ search }: View, type: string, criteria: readonly (readonly [string, string])[]): string[] {
  const fits = criteria.map(([name, value]) => new Set(found(search, type, name, value)))
  return (search.get(type) ?? []).filter((each) => fits.every((set) => set.has(each))).map(named)
}

// ── compartments ─────────────────────────────────────────────────────────────────────────────────

export function inRecord(world: World, patient: string): Resource[] {
  return allIn(world).filter((each) =>
    each.resourceType === 'Patient' && each.id === patient
      ? true
      : (compartment.get(each.resourceType) ?? []).some((code) => linksOf(each, code).includes(`Patient/${patient}`)),
  )
}

// ── includes ─────────────────────────────────────────────────────────────────────────────────────

export function referencesOf(type: string): Parameter[] {
  return parametersOf(type).filter((parameter) => parameter.type === 'reference' && parameter.expression !== undefined)
}

export interface Include {
  readonly type: string
  /** undefined: `*` */
  readonly code?: string
}

/** What the matches point at, and what that points at in turn where it goes on. */
export function included(view: View, matches: readonly string[], include: Include, iterates: boolean): string[] {
  return closure(view, matches, iterates, (each) => {
    if (include.type !== '*' && each.resourceType !== include.type) return []
    const codes = include.code === undefined ? referencesOf(each.resourceType).map(({ code }) => code) : [include.code]
    return codes.flatMap((code) => linksOf(each, code))
  })
}

/** What points at the matches. */
export function includedBack(
  view: View,
  matches: readonly string[],
  { type, code }: Include,
  iterates: boolean,
): string[] {
  const sources = type === '*' ? allIn(view.either) : (view.either.get(type) ?? [])
  const pointing = sources.map((source) => {
    const codes = code === undefined ? referencesOf(source.resourceType).map((each) => each.code) : [code]
    return { name: named(source), links: new Set(codes.flatMap((each) => linksOf(source, each))) }
  })
  return closure(view, matches, iterates, (each) =>
    pointing.flatMap(({ name, links }) => (links.has(named(each)) ? [name] : [])),
  )
}

/** The matches themselves with all that is reached. */
function closure(
  view: View,
  start: readonly string[],
  iterates: boolean,
  step: (each: Resource) => string[],
): string[] {
  const all = new Set(start)
  let layer = start.flatMap((name) => at(view.either, name) ?? [])
  do {
    const next = [...new Set(layer.flatMap(step))].filter((name) => !all.has(name))
    layer = next.flatMap((name) => at(view.either, name) ?? [])
    for (const each of layer) all.add(named(each))
  } while (iterates && layer.length > 0)
  return [...all]
}

// ── $everything ──────────────────────────────────────────────────────────────────────────────────

/** A patient's record, and what it refers to that is of nobody's record. */
export function everything(view: View, patient: string): string[] {
  const all = new Set(inRecord(view.either, patient).map(named))
  let layer = [...all].flatMap((name) => at(view.either, name) ?? [])
  while (layer.length > 0) {
    const next = new Set(layer.flatMap((each) => referencesIn(each)).filter((name) => !all.has(name)))
    layer = [...next].flatMap((name) => at(view.either, name) ?? []).filter((each) => ownersOf(each).length === 0)
    for (const each of layer) all.add(named(each))
  }
  return [...all]
}

/** Types that the compartment leaves out may point at a patient all the same. */
function ownersOf(resource: Resource): string[] {
  const { resourceType, id } = resource
  if (resourceType === 'Patient') return [id]
  const codes = parametersOf(resourceType).map(({ code }) => code)
  const also = ['patient', 'subject'].filter((code) => codes.includes(code))
  const links = also.flatMap((code) => linksOf(resource, code)).filter((link) => link.startsWith('Patient/'))
  return [...patientsIn(resource), ...links]
}

/** Every element of that name, wherever it stands. */
function referencesIn(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"reference":"([A-Z]\w+\/[^"/]+)"/g)].map(([, name = '']) => name)
}

// ── versions ─────────────────────────────────────────────────────────────────────────────────────

/** As it is, or as it was before it was deleted. */
export function lastOf(versions: readonly Version[]): Resource | undefined {
  return versions.findLast(({ resource }) => resource)?.resource
}

/** A version is shown where it and the resource as it is now may be seen; a deletion as what was deleted. */
export function versionsSeen(rules: Rules, letter: string, versions: readonly Version[]): Version[] {
  if (!isOpen(rules, letter, versions)) return []
  return versions.filter((_, index) => isOpen(rules, letter, versions.slice(0, index + 1)))
}

/** As it is after these versions. */
export function isOpen(rules: Rules, letter: string, versions: readonly Version[]): boolean {
  const last = lastOf(versions)
  return last ? may(rules, letter, last) : seesAllOf(rules, letter, typeIn(versions[0]?.name ?? ''))
}
