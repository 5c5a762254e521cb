/** Where the second-opinion source is among what is projected, and how its rows are named over FHIR. */
import { GatewayError } from '../../kernel/errors.ts'
import { keyText, resourceId } from '../../mapping/identity.ts'
import type { Row } from '../../mapping/lens.ts'
import { stamp } from '../../mapping/stamp.ts'
import type { CollectionPlan, Plan, Source } from '../../projection/plan.ts'
import type { MappedPlace } from '../../store/mapped-rows.ts'
import { ToldError } from './words.ts'

const SYSTEM = 'sop'

export interface SecondOpinions {
  /** to which its rows belong */
  readonly tenant: string
  readonly place: (mapping: string) => MappedPlace
  /** the present moment as its columns hold it */
  readonly stamp: (at: Date) => string
  /** the system of the identifiers of its rows */
  readonly sidOf: (mapping: string) => string
  /** `ServiceRequest/sop-<key>` without the type */
  readonly idOf: (key: string) => string
}

const known = new WeakMap<Plan, SecondOpinions>()

/** Throws 404 where no such source is configured. */
export function secondOpinionsIn(plan: Plan): SecondOpinions {
  const there = known.get(plan)
  if (there) return there
  const first = [...plan.collections.values()].find(({ source }) => source.system.system === SYSTEM)
  if (!first) throw withoutSource()
  const { source } = first
  const made = {
    tenant: source.tenant,
    place: (mapping: string) => placeOf(plan, source, mapping),
    sidOf: (mapping: string) =>
      `${plan.base}/sid/${source.system.system}/${placeOf(plan, source, mapping).source.collection}`,
    stamp: (at: Date) => String(stamp(at, undefined, source.system, source.timeZone)),
    idOf: (key: string) => resourceId(source.system.idPrefix, key, ''),
  }
  known.set(plan, made)
  return made
}

function placeOf(plan: Plan, source: Source, mapping: string): MappedPlace {
  for (const collection of plan.collections.values()) {
    const lens = collection.source === source && lensOf(collection, mapping)
    if (lens) return { mapping, type: lens.type, source: collection }
  }
  throw new GatewayError('GW_NOT_FOUND', `The second-opinion source has no mapping ${mapping}.`)
}

function withoutSource(): ToldError {
  return new ToldError('GW_NOT_FOUND', [
    'This gateway has no second-opinion source.',
    'لا يضم هذا الخادم مصدرًا للآراء الطبية الثانية.',
  ])
}

function lensOf({ lenses }: CollectionPlan, mapping: string) {
  return lenses.find(({ name }) => name === mapping)
}

/** A column as text; '' where it is empty. */
export function textOf(row: Row | undefined, column: string): string {
  const value = row?.[column]
  return value === undefined || value === null ? '' : keyText(value)
}
