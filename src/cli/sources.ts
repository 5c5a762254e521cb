/** The sources of the configuration with their compiled systems, and the plan that follows from them. */
import type { Config } from '../config/config.ts'
import type { Plan, Source } from '../projection/plan.ts'
import { planOf } from '../projection/plan.ts'
import type { Context } from './context.ts'

export function sourcesOf({ config, systems }: Context): Source[] {
  return config.sources.flatMap(({ system: code, database, tenant, timeZone, jobs }) => {
    const system = systems.find((each) => each.system === code)
    return system ? [{ system, database, tenant, timeZone, jobs }] : []
  })
}

export function planFor(context: Context): Plan {
  return planOf(sourcesOf(context), context.config.canonicalBase)
}

/** UTC is also what is there when nobody said anything. */
export function zoneOf(sources: Config['sources'], tenant: string): string {
  return sources.find((source) => source.tenant === tenant && source.timeZone !== 'UTC')?.timeZone ?? 'UTC'
}
