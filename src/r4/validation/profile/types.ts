/** Profiles that an element's type names: of an extension, of a data type, of the resource that a reference means. */
import type { ElementDefinition } from '@medplum/fhirtypes'
import type { Item } from '../fhirpath/items.ts'
import { find, type Walk } from '../finding.ts'
import { type Check, type Compiling, conforms } from './plan.ts'
import { referred, referredType } from '../references.ts'

export const CORE = 'http://hl7.org/fhir/StructureDefinition/'
const OURS = { aspect: 'profiles', severity: 'error' } as const

export function typeProfileChecks(
  { type = [] }: ElementDefinition,
  other: ElementDefinition | undefined,
  compiling: Compiling,
): Check[] {
  if (type === other?.type) return []
  const profiles = type.flatMap(({ profile = [] }) => profile).filter((url) => !isPlainType(url))
  const targets = [...new Set(type.flatMap(({ targetProfile = [] }) => targetProfile))]
  return [
    ...(profiles.length > 0 ? [profileCheck(profiles, compiling)] : []),
    ...(targets.length > 0 && !targets.includes(`${CORE}Resource`) ? [targetCheck(targets, compiling)] : []),
  ]
}

function isPlainType(url: string): boolean {
  return /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/[A-Z][A-Za-z]*$/.test(url) && !url.endsWith('/SimpleQuantity')
}

/** One of them: what is wrong with the value is said where there is one only. */
function profileCheck(canonicals: readonly string[], compiling: Compiling): Check {
  const [only = ''] = canonicals
  if (canonicals.length > 1) return anyCheck(canonicals, compiling)
  return (walk, item) => {
    if (only.startsWith(`${CORE}SimpleQuantity`)) simpleQuantity(walk, item)
    else {
      const check = compiling.check(only)
      if (check) check(walk, item)
      else find(walk, { ...notLoaded(only), aspect: 'profiles' })
    }
  }
}

function simpleQuantity(walk: Walk, { value }: Item): void {
  const { comparator } = value as { comparator?: unknown }
  if (comparator !== undefined) {
    find(walk, { ...OURS, code: 'invariant', message: 'The comparator is not used on a SimpleQuantity (sqty-1).' })
  }
}

/** Undefined: not told, for the profile is not loaded. */
export function notLoaded(canonical: string): {
  readonly severity: 'warning'
  readonly code: 'not-found'
  readonly message: string
} {
  const message = `The profile ${canonical} is not loaded here: what it says was not checked.`
  return { severity: 'warning', code: 'not-found', message }
}

function anyCheck(canonicals: readonly string[], compiling: Compiling): Check {
  const message = `It must conform to one of ${canonicals.join(', ')} (${compiling.title}).`
  return (walk, item) => {
    const checks = canonicals.map((url) => compiling.check(url))
    if (checks.some((check) => check === undefined || conforms(walk, item, check))) return
    find(walk, { ...OURS, code: 'structure', message })
  }
}

// ── what references point at ─────────────────────────────────────────────────────────────────────

/** The type always where it can be told; the profile where the resource is in reach. */
function targetCheck(canonicals: readonly string[], compiling: Compiling): Check {
  const types = canonicals.map((url) => typeOfProfile(url, compiling))
  const names = [...new Set(types)].map((type) => type ?? '').join(' or ')
  const message = `The reference must point at ${names} (${compiling.title}).`
  return (walk, item) => {
    const type = referredType(walk, item)
    if (type === undefined || types.includes(undefined)) return
    const fitting = canonicals.filter((_, index) => types[index] === type)
    if (fitting.length === 0) find(walk, { ...OURS, code: 'structure', message })
    else checkReferred(walk, item, fitting, compiling)
  }
}

function checkReferred(walk: Walk, item: Item, canonicals: readonly string[], compiling: Compiling): void {
  if (canonicals.some(isPlainType)) return
  const target = referred(walk, item)
  if (!target || conformsToOne(walk, target, canonicals, compiling)) return
  const message = `The resource that is referred to must conform to ${canonicals.join(' or ')} (${compiling.title}).`
  find(walk, { ...OURS, code: 'structure', message })
}

/** A resource that is being asked refers to itself by another: that question is answered where it was put. */
export function conformsToOne(walk: Walk, item: Item, canonicals: readonly string[], compiling: Compiling): boolean {
  return canonicals.some((url) => {
    const check = compiling.check(url)
    const { id } = item.value as { id?: string }
    const question = `${url} ${item.type}/${id ?? ''}`
    if (!check || walk.asking.has(question)) return true
    walk.asking.add(question)
    const answer = conforms(walk, item, check)
    walk.asking.delete(question)
    return answer
  })
}

export function typeOfProfile(canonical: string, { profile }: Compiling): string | undefined {
  const [url = ''] = canonical.split('|')
  if (isPlainType(url)) return url.slice(CORE.length)
  return profile(canonical)?.type
}
