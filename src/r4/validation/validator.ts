/**
 * Everything that can be said of a resource against R4 and against profiles: structure, invariants, what the profiles it
 * claims ask, and what the definitions of its extensions ask. Definitions are compiled when they are first asked, and kept.
 */
import type { StructureDefinition } from '@medplum/fhirtypes'
import type { Registry } from '../registry.ts'
import { structureProblems } from '../structure.ts'
import type { CodeKnowledge } from './code-knowledge.ts'
import { checkExtensions } from './extensions.ts'
import { isJsonObject, type Item, resourceItem } from './fhirpath/items.ts'
import { distinctFindings, find, type Finding, type Walk, walkOf } from './finding.ts'
import { checkInvariants } from './invariants.ts'
import type { CodeCheck } from './profile/binding.ts'
import { elementCheck } from './profile/children.ts'
import type { Check, Compiling } from './profile/plan.ts'
import { nameOf, type ProfileTree, profileTree } from './profile/tree.ts'
import { CORE, notLoaded } from './profile/types.ts'

export interface Validator {
  /** What structure.ts finds. */
  structure(resource: unknown): Finding[]
  /** Of a resource whose structure is right. */
  invariants(resource: object): Finding[]
  /** Against the profiles that are named, or those that it and what is in it claim, and the extensions that are used. */
  profiles(resource: object, canonicals?: readonly string[]): Finding[]
}

export function validatorOf(registry: Registry, codes: CodeKnowledge): Validator {
  const profileOf = compiler(registry, (valueSet, code) => codes.inValueSet(valueSet, code))
  return {
    structure: (resource) =>
      structureProblems(resource).map((problem) => ({ aspect: 'structure', severity: 'error', ...problem })),
    invariants: (resource) => {
      const walk = walkOf(resourceItem(resource))
      checkInvariants(walk, walk.resource, codes)
      return walk.findings
    },
    profiles: (resource, canonicals) => {
      const walk = walkOf(resourceItem(resource))
      if (canonicals) for (const url of canonicals) checkProfile(walk, url, profileOf)
      else {
        checkClaimed(walk, profileOf)
        checkExtensions(walk, resource as Readonly<Record<string, unknown>>, extensionsOf(profileOf))
      }
      return distinctFindings(walk.findings)
    },
  }
}

/** Of the resource, of those that it contains, and of the entries of a Bundle. */
function checkClaimed(walk: Walk, profileOf: Profiles): void {
  const { value } = walk.resource
  for (const url of claimedProfiles(value)) checkProfile(walk, url, profileOf)
  if (!isJsonObject(value)) return
  const outer = walk.resource
  for (const { path, resource } of resourcesIn(value)) {
    walk.path.push(...path)
    walk.resource = resourceItem(resource)
    checkClaimed(walk, profileOf)
    walk.path.length -= path.length
  }
  walk.resource = outer
}

interface Inner {
  readonly path: readonly (string | number)[]
  readonly resource: object
}

function resourcesIn(resource: Readonly<Record<string, unknown>>): Inner[] {
  const lists: Inner[] = []
  for (const [name, member] of [
    ['contained', undefined],
    ['entry', 'resource'],
    ['parameter', 'resource'],
  ] as const) {
    const list = resource[name]
    if (!Array.isArray(list)) continue
    for (const [index, each] of list.entries()) {
      const inner: unknown = member === undefined ? each : (each as Record<string, unknown> | null)?.[member]
      if (!isJsonObject(inner) || typeof inner['resourceType'] !== 'string') continue
      lists.push({ path: member === undefined ? [name, index] : [name, index, member], resource: inner })
    }
  }
  return lists
}

export function claimedProfiles(resource: unknown): string[] {
  const meta = isJsonObject(resource) ? resource['meta'] : undefined
  const profiles = isJsonObject(meta) ? meta['profile'] : undefined
  return Array.isArray(profiles) ? profiles.filter((each) => typeof each === 'string') : []
}

// ── compiled profiles ────────────────────────────────────────────────────────────────────────────

interface Compiled {
  readonly profile: StructureDefinition
  readonly tree: ProfileTree
  readonly check: Check
}

type Profiles = (canonical: string) => Compiled | undefined

function checkProfile(walk: Walk, canonical: string, profileOf: Profiles): void {
  const { resource } = walk
  // a type of R4 itself: what it says is checked anyway
  if (canonical.replace(/\|.*/, '') === CORE + resource.type) return
  const compiled = profileOf(canonical)
  if (!compiled) find(walk, { aspect: 'profiles', ...notLoaded(canonical) }, 'meta.profile')
  else if (compiled.profile.type !== resource.type) {
    const message = `The profile ${canonical} is for a ${compiled.profile.type}, not for a ${resource.type}.`
    find(walk, { aspect: 'profiles', severity: 'error', code: 'structure', message })
  } else compiled.check(walk, resource)
}

/** Another definition than that of an extension says nothing of one. */
function extensionsOf(profileOf: Profiles): (url: string) => Check | undefined {
  return (url) => {
    const compiled = profileOf(url)
    return compiled?.profile.type === 'Extension' ? compiled.check : undefined
  }
}

function compiler(registry: Registry, codes: CodeCheck): Profiles {
  const compiled = new Map<string, Compiled>()
  const profileOf: Profiles = (canonical) => {
    const known = compiled.get(canonical)
    if (known) return known
    const profile = registry.find('StructureDefinition', canonical)
    // What is not there is not kept: anybody can name what there is not
    if (!profile) return undefined
    const result = compileProfile(profile, registry, codes, profileOf)
    compiled.set(canonical, result)
    return result
  }
  return profileOf
}

function compileProfile(
  profile: StructureDefinition,
  registry: Registry,
  codes: CodeCheck,
  profileOf: Profiles,
): Compiled {
  const tree = profileTree(profile, registry)
  const compiling: Compiling = {
    ...{ tree, registry, codes, title: nameOf(profile) },
    check: (canonical) => profileOf(canonical)?.check,
    profile: (canonical) => registry.find('StructureDefinition', canonical),
    treeOf: (canonical) => profileOf(canonical)?.tree,
  }
  let own: Check | undefined
  const check = (walk: Walk, item: Item): void => {
    own ??= elementCheck(tree.root, profile.type, compiling)
    if (tree.missing !== undefined) find(walk, { aspect: 'profiles', ...notLoaded(tree.missing) })
    own(walk, item)
  }
  return { profile, tree, check }
}
