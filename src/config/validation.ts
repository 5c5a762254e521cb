/** What becomes of writes that break rules, from ISTHMUS_VALIDATION. A word that is not known stops the start. */
import { parse } from 'yaml'
import { StartError } from '../kernel/errors.ts'
import type {
  ValidationAction,
  ValidationAspect,
  ValidationPolicies,
  ValidationPolicy,
} from '../kernel/validation-policy.ts'
import { usualPolicies, VALIDATION_ACTIONS, VALIDATION_ASPECTS } from '../kernel/validation-policy.ts'

const NAME = 'ISTHMUS_VALIDATION'

type Written = Readonly<Record<string, unknown>>

export function readValidation(text: string | undefined): ValidationPolicies {
  if (text === undefined) return usualPolicies
  const { tenants = {}, ...own } = mapOf(parsed(text))
  const usual = policyOf(own, usualPolicies.usual)
  const others = Object.entries(mapOf(tenants)).map(([tenant, written]) => {
    return [tenant, policyOf(mapOf(written), usual)] as const
  })
  return { usual, tenants: new Map(others) }
}

function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function mapOf(value: unknown): Written {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Written
  throw new StartError(`${NAME} is no YAML such as {invariants: refuse, tenants: {clinic-a: {profiles: refuse}}}.`)
}

function policyOf(written: Written, otherwise: ValidationPolicy): ValidationPolicy {
  const policy = { ...otherwise }
  for (const [aspect, action] of Object.entries(written)) {
    if (!isOneOf(VALIDATION_ASPECTS, aspect)) {
      throw new StartError(`${NAME} has the key "${aspect}"; there are ${VALIDATION_ASPECTS.join(', ')} and tenants.`)
    }
    // YAML reads a bare off as false in its older version
    const word = action === false ? 'off' : action
    if (!isOneOf(VALIDATION_ACTIONS, word)) {
      throw new StartError(`${NAME} gives ${aspect} no action; it must be one of ${VALIDATION_ACTIONS.join(', ')}.`)
    }
    policy[aspect] = word
  }
  return policy
}

function isOneOf<Word extends ValidationAction | ValidationAspect>(
  words: readonly Word[],
  word: unknown,
): word is Word {
  return (words as readonly unknown[]).includes(word)
}
