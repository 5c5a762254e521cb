/** The sources of the configuration with their compiled systems, and the plan that follows from them. */
import type { Plan, Source } from '../projection/plan.ts'
import { planOf } from '../projection/plan.ts'
import type { Context } from './context.ts'

export function sourcesOf({ config, systems }: Context): Source[] {
  return config.sources.flatMap(({ system: code, database, tenant, timeZone }) => {
    const system = systems.find((each) => each.system === code)
    return system ? [{ system, database, tenant, timeZone }] : []
  })
}

export function planFor(context: Context): Plan {
  return planOf(sourcesOf(context), context.config.canonicalBase)
}
