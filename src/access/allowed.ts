/** What a Permit allows: asked by interaction and type, or of a resource whose search keys are at hand. */
import { conditionKeys } from './condition-keys.ts'
import type { Denial } from './denial.ts'
import { denialTests } from './denial.ts'
import type { CodeForm } from './coded-parameters.ts'
import type { KeyTest, Keys } from './key-test.ts'
import { fitsOne } from './key-test.ts'
import { patientTests } from './patient-tests.ts'
import type { Permit, Rule } from './permit.ts'
import { lettersIn } from './scope.ts'
import type { Letter } from './scope.ts'

/** Who may search or read a resource sees it; a Permit narrowed to one letter (`only`) says which of both. */
export const SEEING = 'rs'

/** Is there a rule for it at all, whatever it asks of the resource? `id`: of the one that is meant, where one is. */
export function mayAsk({ rules }: Permit, letter: Letter, type: string, id?: string): boolean {
  if (rules === 'everything') return true
  const isOf = ({ name }: Rule): boolean => name === undefined || name === `${type}/${id ?? ''}`
  return rules.some((rule) => isFor(rule, letter, type) && isOf(rule))
}

/** All resources of the type, without condition. */
export function mayAskAll(permit: Permit, letter: Letter, type: string): boolean {
  return testsOf(permit, letter, type) === 'all'
}

/** Does it allow this with a resource that has these search keys? */
export function isAllowed(permit: Permit, letters: string, type: string, id: string, keys: Keys): boolean {
  const tests = testsOf(permit, letters, type)
  return tests === 'all' || fitsOne(tests, `${type}/${id}`, keys)
}

const narrowed = new WeakMap<Permit, Map<Letter, Permit>>()

/** Only what one letter allows; the same object for the same. */
export function only(permit: Permit, letter: Letter): Permit {
  const { rules } = permit
  if (rules === 'everything') return permit
  const known = narrowed.get(permit) ?? new Map<Letter, Permit>()
  narrowed.set(permit, known)
  let narrow = known.get(letter)
  if (!narrow) {
    const left = rules.filter(({ letters }) => letters.includes(letter)).map((rule) => ({ ...rule, letters: letter }))
    known.set(letter, (narrow = { ...permit, rules: left }))
  }
  return narrow
}

/** Only what is not about single patients or resources: exports and imports are asked with such rights. */
export function wide(permit: Permit): Permit {
  const { rules } = permit
  if (rules === 'everything') return permit
  return { ...permit, rules: rules.filter(({ patients, name }) => patients === undefined && name === undefined) }
}

const tests = new WeakMap<Permit, Map<string, 'all' | readonly KeyTest[]>>()

/** What resources of the type must be (any of the tests) so that one of the letters is allowed. */
export function testsOf(
  permit: Permit,
  letters: string,
  type: string,
  form: CodeForm = 'own',
): 'all' | readonly KeyTest[] {
  const { rules, denials = [] } = permit
  if (rules === 'everything') return 'all'
  const known = tests.get(permit) ?? new Map<string, 'all' | readonly KeyTest[]>()
  tests.set(permit, known)
  const key = `${type}.${letters}.${form}`
  let made = known.get(key)
  if (!made) known.set(key, (made = denied(testsOfRules(rules, letters, type), denials, type, form)))
  return made
}

function denied(
  made: 'all' | readonly KeyTest[],
  denials: readonly Denial[],
  type: string,
  form: CodeForm,
): 'all' | readonly KeyTest[] {
  const but = denials.flatMap((denial) => denialTests(type, denial, form))
  if (but.length === 0 || made.length === 0) return made
  return made === 'all' ? [{ some: [], none: [], but }] : made.map((test) => ({ ...test, but }))
}

function testsOfRules(rules: readonly Rule[], letters: string, type: string): 'all' | KeyTest[] {
  const made = lettersIn(letters).flatMap((letter) =>
    rules.filter((rule) => isFor(rule, letter, type)).flatMap((rule) => testsOfRule(rule, letter, type)),
  )
  const unique = [...new Map(made.map((test) => [JSON.stringify(test), test])).values()]
  return unique.some(isAny) ? 'all' : unique
}

function testsOfRule({ patients, name, where }: Rule, letter: Letter, type: string): KeyTest[] {
  if (name !== undefined) return name.startsWith(`${type}/`) ? [{ names: [name], some: [], none: [] }] : []
  const conditions = where.map((condition) => conditionKeys(type, condition))
  const some = conditions.filter((keys) => keys !== undefined)
  // A parameter that was there when the scope was granted, and is not any more: nothing fits
  if (some.length < conditions.length) return []
  const isReading = letter === 'r' || letter === 's'
  const ofPatients: KeyTest[] = patients ? patientTests(type, patients, isReading) : [{ some: [], none: [] }]
  return ofPatients.map((test) => ({ ...test, some: [...test.some, ...some] }))
}

function isFor(rule: Rule, letter: Letter, type: string): boolean {
  return rule.letters.includes(letter) && (rule.type === '*' || rule.type === type)
}

function isAny({ names, some, none }: KeyTest): boolean {
  return names === undefined && some.length + none.length === 0
}
