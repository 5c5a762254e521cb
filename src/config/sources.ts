/**
 * The instances of source systems, from ISTHMUS_SOURCES: by default one of each system, in the tenant `default`.
 *
 * A key that is not known stops the start: a misspelt `timezone` would silently move every appointment.
 */
import { parse } from 'yaml'
import { StartError } from '../kernel/errors.ts'
import { readStorages } from './storages.ts'
import type { StorageConfig } from './storages.ts'
import { databaseName, timeZone } from './values.ts'
import type { Values } from './values.ts'

/** One instance of a source system. */
export interface SourceConfig {
  readonly system: string
  readonly database: string
  readonly tenant: string
  readonly timeZone: string
  /** what the gateway does by itself on its rows */
  readonly jobs: readonly string[]
  /** where its files are; links that lead elsewhere are not followed */
  readonly storages: readonly StorageConfig[]
}

type Written = Readonly<Record<string, unknown>>

const NAME = 'ISTHMUS_SOURCES'
const KEYS = ['system', 'database', 'tenant', 'timeZone', 'jobs', 'storages']
/** All are on in the demo, and off elsewhere until they are named. */
const JOBS: readonly string[] = [
  ...['appointment-reminders', 'appointment-changes', 'waitlist-offers', 'report-ready'],
  ...['documents-requested', 'draft-reminders', 'prom-reminders', 'notifications', 'in-app', 'retention'],
]
const TENANT = /^[a-z0-9-]{1,63}$/

/** `systems` are the codes of the systems that have mappings. */
export function readSources(
  value: Values,
  systems: readonly string[],
  { database: gatewayDatabase, demo }: { readonly database: string; readonly demo: boolean },
): SourceConfig[] {
  const text = value(NAME)
  const list = text === undefined ? systems.map((system) => ({ system })) : listOf(text)
  const sources = list.map((written) => readSource({ jobs: demo ? JOBS : [], ...written }, value, systems))
  refuseTwice(sources, ({ database }) => `the database "${database}"`)
  refuseTwice(sources, ({ system, tenant }) => `the system "${system}" in the tenant "${tenant}"`)
  if (sources.some(({ database }) => database === gatewayDatabase)) {
    throw new StartError(
      `ISTHMUS_DATABASE is "${gatewayDatabase}", which is a source's database; the gateway needs its own.`,
    )
  }
  return sources
}

function listOf(text: string): Written[] {
  try {
    const list = parse(text) as unknown
    if (Array.isArray(list) && list.every((each) => typeof each === 'object' && each !== null)) return list as Written[]
  } catch {
    // no YAML at all: the sentence is the same
  }
  throw new StartError(`${NAME} is no YAML list of {${KEYS.join(', ')}}.`)
}

function readSource(written: Written, value: Values, systems: readonly string[]): SourceConfig {
  const unknown = Object.keys(written).find((key) => !KEYS.includes(key))
  if (unknown !== undefined) throw new StartError(`${NAME} has the key "${unknown}"; there are ${KEYS.join(', ')}.`)
  const system = textOf(written, 'system') ?? ''
  if (!systems.includes(system)) {
    throw new StartError(`${NAME} names the system "${system}"; there are mappings for ${systems.join(', ')}.`)
  }
  const tenant = textOf(written, 'tenant') ?? 'default'
  if (!TENANT.test(tenant)) throw new StartError(`${NAME} names the tenant "${tenant}"; use a-z, 0-9 and - only.`)
  const prefix = system.toUpperCase().replaceAll('-', '_')
  const either = (key: string, variable: string, otherwise: string): [name: string, text: string] => {
    const text = textOf(written, key)
    return text === undefined ? [variable, value(variable) ?? otherwise] : [NAME, text]
  }
  return {
    system,
    database: databaseName(...either('database', `${prefix}_DATABASE`, system)),
    tenant,
    timeZone: timeZone(...either('timeZone', `${prefix}_TIME_ZONE`, 'UTC')),
    jobs: jobsOf(written),
    storages: readStorages(written['storages']),
  }
}

function textOf(written: Written, key: string): string | undefined {
  const value = written[key]
  if (value === undefined || typeof value === 'string') return value
  throw new StartError(`${NAME}: ${key} must be text.`)
}

function jobsOf({ jobs }: Written): string[] {
  if (Array.isArray(jobs) && jobs.every((job) => JOBS.includes(job as string))) return jobs as string[]
  throw new StartError(`${NAME}: jobs must be a list of names of ${JOBS.join(', ')}.`)
}

function refuseTwice(sources: readonly SourceConfig[], what: (source: SourceConfig) => string): void {
  const names = sources.map(what)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new StartError(`${NAME} names ${twice} twice; each instance needs its own.`)
}
