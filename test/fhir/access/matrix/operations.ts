/** Cases of every operation in the registry, at every level: a new one is among them by itself. */
import { operations } from '../../../../src/fhir/operations/index.ts'
import type { Level, Operation } from '../../../../src/fhir/operations/operation.ts'
import type { Resource } from '../../../support/search-oracle/ask.ts'
import { asNever, finds, get, is, later, refused } from './case.ts'
import type { Case, Verdict } from './case.ts'
import type { Ask } from './client.ts'
import { neverOf } from './reads.ts'
import { hasAll, hasScope, may, typeIn, wide } from './rights.ts'
import type { Rules } from './rights.ts'
import { at, everything, named, searched } from './seen.ts'
import type { View } from './seen.ts'

/** Where an operation is for all types, of these. */
const SOME = ['Observation', 'Patient', 'Practitioner']

export function operationCases(view: View): Case[] {
  return [
    ...operations.flatMap((operation) => operation.levels.flatMap((level) => placeCases(view, operation, level))),
    ...exact(view),
  ]
}

function placeCases(view: View, operation: Operation, level: Level): Case[] {
  const types = operation.resources ?? SOME
  if (level === 'system') return [caseOf(view, operation, '')]
  if (level === 'type') return types.map((type) => caseOf(view, operation, type))
  return types.flatMap((type) => someOf(view, type).map((name) => caseOf(view, operation, name)))
}

/** One that is seen and one that is not, where there are such, and one that was deleted. */
function someOf({ held, either }: View, type: string): string[] {
  const names = [...held.versions.keys()].filter((name) => typeIn(name) === type)
  const seen = names.filter((name) => at(either, name))
  const hidden = names.filter((name) => at(held.current, name) && !at(either, name))
  const deleted = names.filter((name) => !at(held.current, name))
  return [seen.at(0), hidden.at(0), hidden.at(-1), deleted.at(0), deleted.at(-1)].filter((name) => name !== undefined)
}

function caseOf(view: View, operation: Operation, place: string): Case {
  const { asker, held, either } = view
  const ask = askOf(operation, place)
  if (!isOpen(asker.rules, operation, place)) return { by: asker, ask, wants: refused }
  if (place.includes('/') && !at(either, place) && !wasSeen(view, place)) {
    return { by: asker, ask, never: { ...ask, path: neverOf(ask.path) }, wants: asNever }
  }
  const changes = operation.access === 'changes' && place.includes('/')
  const current = changes ? at(held.current, place) : undefined
  if (current && !may(asker.rules, 'u', current)) return { by: asker, ask, wants: is(403) }
  // Whoever may change it is not let to: the matrix leaves all as it is
  return { by: asker, ask: changes ? { ...ask, body: '{"resourceType":"Parameters"}' } : ask, wants: showsOnly(view) }
}

function wasSeen({ asker, held }: View, name: string): boolean {
  const last = held.versions.get(name)?.findLast(({ resource }) => resource)?.resource
  return last === undefined ? !at(held.current, name) : may(asker.rules, 'rs', last)
}

function askOf({ code, affectsState }: Operation, place: string): Ask {
  const path = `${place === '' ? '' : `${place}/`}$${code}`
  if (!affectsState) return get(path)
  const meta = { name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'attacked' }] } }
  const body = JSON.stringify({ resourceType: 'Parameters', parameter: [meta] })
  return { method: 'POST', path, headers: { 'Content-Type': 'application/fhir+json' }, body }
}

/** docs/access.md, What needs which letter. */
function isOpen(rules: Rules, { access }: Operation, place: string): boolean {
  const [type, id] = place === '' ? [] : place.split('/')
  const reads = id === undefined ? hasScope(rules, 's', type) : hasScope(rules, 'r', type, id)
  const open: Readonly<Record<Operation['access'], () => boolean>> = {
    reads: () => reads,
    changes: () => hasScope(rules, 'u', type, id),
    parts: () => id === undefined || reads,
    exports: () => (id === undefined || reads) && hasScope(wide(rules), 's'),
    imports: () => hasAll(rules, 'c', '*') && hasAll(rules, 'u', '*'),
  }
  return open[access]()
}

/** No resource of this server comes out that the asker may not see, however deep it stands in the answer. */
export function showsOnly({ held, either }: View): Verdict {
  return ({ status, text }) => {
    if (status >= 500) return `${status} ${text.slice(0, 200)}`
    if (status !== 200) return undefined
    const shown = resourcesIn(JSON.parse(text)).map(named)
    const hidden = shown.filter((name) => at(held.current, name) && !at(either, name))
    return hidden.length === 0 ? undefined : `shows ${hidden.join(' ')}`
  }
}

function resourcesIn(value: unknown): Resource[] {
  if (typeof value !== 'object' || value === null) return []
  const own = 'resourceType' in value && 'id' in value ? [value as Resource] : []
  return [...own, ...Object.entries(value).flatMap(([key, each]) => (key === 'contained' ? [] : resourcesIn(each)))]
}

/** Those whose answer is known to the last resource. */
function exact(view: View): Case[] {
  const { asker, held, either } = view
  const patients = (held.current.get('Patient') ?? []).map(({ id }) => id)
  return patients.flatMap((patient): Case[] => {
    const isSeen = at(either, `Patient/${patient}`) !== undefined
    const reads = hasScope(asker.rules, 'r', 'Patient', patient)
    const ask = get(`Patient/${patient}/$everything`)
    const never = get('Patient/never-was/$everything')
    const whole: Case = isSeen
      ? { by: asker, ask, wants: later(() => finds(everything(view, patient))) }
      : { by: asker, ask, never, wants: asNever }
    const found = (): string[] => searched(view, 'Observation', [['patient', `Patient/${patient}`]])
    const last: Case = {
      by: asker,
      ask: get(`Observation/$lastn?patient=${patient}&max=999`),
      wants: later(() => finds(found(), found().length)),
    }
    return [
      reads ? whole : { by: asker, ask, wants: refused },
      hasScope(asker.rules, 's', 'Observation') ? last : { ...last, wants: refused },
    ]
  })
}
