/** The gauge of problems, by system and mapping. Only who projects shows it, so that a sum over gateways is right. */
import { problems } from '../kernel/metrics.ts'
import type { ProblemCount } from '../store/problems.ts'
import type { Plan } from './plan.ts'

/** Mappings without problems show 0; a row that reached no mapping counts under none. */
export function showProblems({ collections }: Plan, counts: readonly ProblemCount[]): void {
  const systems = new Map(collections.values().map(({ instance, source }) => [instance, source.system]))
  problems.reset()
  for (const { system, lenses } of systems.values()) {
    for (const { name } of lenses) problems.set({ system, mapping: name }, 0)
  }
  for (const { instance, mapping, count } of counts) {
    const system = systems.get(instance)?.system
    if (system !== undefined) problems.inc({ system, mapping }, count)
  }
}

export function hideProblems(): void {
  problems.reset()
}
