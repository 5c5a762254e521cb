/** What terminology tells validation. */
import type { Terminology } from '../terminology/terminology.ts'
import { membership } from '../terminology/terminology.ts'
import { isUnit, UCUM } from '../ucum.ts'

export interface Code {
  readonly system?: string
  readonly version?: string
  readonly code?: string
}

/** `unknown`: the value set, or a code system that it takes from, is not loaded. */
export type Membership = 'in' | 'out' | 'unknown'

export interface CodeKnowledge {
  /** Of a code alone the value set tells the system. */
  inValueSet(valueSet: string, code: Code): Membership
  /** Is it any of its system's? */
  inSystem(code: Code): Membership
}

export function codeKnowledge(terminology: Terminology): CodeKnowledge {
  return {
    inValueSet: (valueSet, code) => membership(terminology, valueSet, code).is,
    inSystem: ({ system, version, code }) => {
      if (system === undefined || code === undefined) return 'unknown'
      if (system === UCUM) return isUnit(code) ? 'in' : 'out'
      const index = terminology.codeSystem(system)
      if (!index?.isWhole || (version !== undefined && version !== index.system.version)) return 'unknown'
      return index.get(code) ? 'in' : 'out'
    },
  }
}
