/** What the definitions in a registry say, for all that ask: what is compiled of them is compiled once. */
import type { Registry } from '../r4/registry.ts'
import type { Terminology } from '../r4/terminology/terminology.ts'
import { terminologyOf } from '../r4/terminology/terminology.ts'
import { codeKnowledge } from '../r4/validation/code-knowledge.ts'
import { type Validator, validatorOf } from '../r4/validation/validator.ts'

export interface Knowledge {
  readonly terminology: Terminology
  readonly validator: Validator
}

const known = new WeakMap<Registry, Knowledge>()

export function knowledgeOf(registry: Registry): Knowledge {
  const kept = known.get(registry)
  if (kept) return kept
  const terminology = terminologyOf(registry)
  const knowledge = { terminology, validator: validatorOf(registry, codeKnowledge(terminology)) }
  known.set(registry, knowledge)
  return knowledge
}
