/** Cases of searches and histories of a type, of a compartment and of everything. */
import { asNeverAndMissing, counts, finds, get, later, refused } from './case.ts'
import type { Case } from './case.ts'
import type { Ask } from './client.ts'
import { lists } from './reads.ts'
import { hasScope } from './rights.ts'
import { allIn, inRecord, named, searched, versionsSeen } from './seen.ts'
import type { View } from './seen.ts'
import { compartment } from './whose.ts'

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }
const MORE = '_count=500'

export function searchCases(view: View): Case[] {
  const types = [...view.held.current.keys()].sort()
  return [...types.flatMap((type) => typeCases(view, type)), ...systemCases(view), ...historyCases(view, types)]
}

function typeCases(view: View, type: string): Case[] {
  const { asker, search, held } = view
  const asks: [Ask, Case['wants']][] = []
  const all = (search.get(type) ?? []).map(named)
  const ask = (query: string, names: readonly string[] = all): void => {
    asks.push([get(`${type}?${MORE}&${query}`), finds(names, names.length)])
  }
  asks.push([get(`${type}?${MORE}`), finds(all, all.length)])
  asks.push([{ method: 'POST', path: `${type}/_search`, headers: FORM, body: MORE }, finds(all, all.length)])
  asks.push([get(`${type}?_summary=count`), counts(all.length)])
  asks.push([get(`${type}?_total=accurate&_count=1&_sort=_id`), finds(all.sort().slice(0, 1), all.length)])
  ask('_sort=-_lastUpdated')
  ask('_elements=id')
  ask('_lastUpdated=gt2000')
  const there = held.current.get(type) ?? []
  const [hidden] = there.filter((each) => !all.includes(named(each)))
  if (hidden) {
    ask(`_id=${hidden.id}`, [])
    ask(`_id:not=${hidden.id}`)
    ask(`_filter=${encodeURIComponent(`_id eq ${hidden.id}`)}`, [])
  }
  for (const patient of patientsAsked(view, type)) {
    const found = (): string[] => searched(view, type, [['patient', `Patient/${patient}`]])
    const body = `${MORE}&patient=${patient}`
    asks.push([get(`${type}?${body}`), later(() => finds(found(), found().length))])
    asks.push([get(`${type}?patient=Patient/${patient}&_summary=count`), later(() => counts(found().length))])
    asks.push([{ method: 'POST', path: `${type}/_search`, headers: FORM, body }, later(() => finds(found()))])
  }
  const isAllowed = hasScope(asker.rules, 's', type)
  return asks.map(([each, wants]) => ({ by: asker, ask: each, wants: isAllowed ? wants : refused }))
}

/** One's own and others, and one who never was. */
function patientsAsked({ held }: View, type: string): string[] {
  if (!compartment.get(type)?.includes('patient')) return []
  const ids = (held.current.get('Patient') ?? []).map(({ id }) => id)
  return [...ids.filter((id) => /^(p[124]$|hms-8|healthapi-5201|qivr)/.test(id)), 'never-was']
}

function systemCases(view: View): Case[] {
  const { asker, search, held } = view
  const all = allIn(search).map(named)
  const isAllowed = hasScope(asker.rules, 's')
  const cases: Case[] = [
    { by: asker, ask: get(`?${MORE}`), wants: finds(all, all.length) },
    { by: asker, ask: get('?_summary=count'), wants: counts(all.length) },
    { by: asker, ask: { method: 'POST', path: '_search', headers: FORM, body: MORE }, wants: finds(all, all.length) },
  ]
  const pairs = [...held.current.keys()]
    .sort()
    .map((type, index, types) => [type, types[(index + 7) % types.length] ?? type] as const)
  const ofTwo = pairs.map(([one, other]): Case => {
    const both = [one, other].flatMap((type) => (search.get(type) ?? []).map(named))
    const isNamed = hasScope(asker.rules, 's', one) && hasScope(asker.rules, 's', other)
    return {
      by: asker,
      ask: get(`?_type=${one},${other}&${MORE}`),
      wants: isNamed ? finds(both, both.length) : refused,
    }
  })
  const patients = [...(held.current.get('Patient') ?? []).map(({ id }) => id)]
  return [
    ...cases.map((each) => (isAllowed ? each : { ...each, wants: refused })),
    ...ofTwo,
    ...patients.flatMap((patient) => compartmentCases(view, patient)),
  ]
}

/** The compartment of who may not be seen is as that of who never was; who may not even ask finds nothing in either. */
function compartmentCases(view: View, patient: string): Case[] {
  const { asker, search, either } = view
  const types = ['*', 'Observation', 'Condition', 'Appointment', 'AuditEvent', 'Communication', 'Patient']
  const asksPatients = hasScope(asker.rules, 's', 'Patient') || hasScope(asker.rules, 'r', 'Patient', patient)
  const isOpen = either.get('Patient')?.some(({ id }) => id === patient) ?? false
  return types.flatMap((type): Case[] => {
    const found = (): string[] =>
      inRecord(search, patient).flatMap((each) => (type === '*' || each.resourceType === type ? [named(each)] : []))
    const asks: readonly Ask[] = [
      get(`Patient/${patient}/${type}?${MORE}`),
      { method: 'POST', path: `Patient/${patient}/${type}/_search`, headers: FORM, body: MORE },
    ]
    return asks.map((ask) => {
      if (!hasScope(asker.rules, 's', type === '*' ? undefined : type)) return { by: asker, ask, wants: refused }
      if (isOpen || !asksPatients) return { by: asker, ask, wants: later(() => finds(found(), found().length)) }
      return {
        by: asker,
        ask,
        never: { ...ask, path: ask.path.replace(patient, 'never-was') },
        wants: asNeverAndMissing,
      }
    })
  })
}

function historyCases(view: View, types: readonly string[]): Case[] {
  const { asker, held } = view
  const shown = [...held.versions].flatMap(([name, versions]) =>
    versionsSeen(asker.rules, 's', versions).map(({ version }) => `${name}/${version}`),
  )
  const isAllowed = hasScope(asker.rules, 's')
  return [
    ...types.map((type): Case => {
      const own = shown.filter((each) => each.startsWith(`${type}/`))
      return {
        by: asker,
        ask: get(`${type}/_history?${MORE}`),
        wants: hasScope(asker.rules, 's', type) ? lists(own) : refused,
      }
    }),
    { by: asker, ask: get(`_history?${MORE}`), wants: isAllowed ? lists(shown) : refused },
    { by: asker, ask: get(`_history?${MORE}&_since=2001-01-01T00:00:00Z`), wants: isAllowed ? lists(shown) : refused },
  ]
}
