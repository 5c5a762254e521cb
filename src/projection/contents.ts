/**
 * The content of every claimed resource: the lens's answer as text, ready to be compared with what is stored.
 *
 * A reference is literal when its target is there after this batch. Whether a target of the same batch can be made is
 * known only once it was made, so a resource that failed sends those that refer to it round again.
 */
import { hash } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import { GatewayError } from '../kernel/errors.ts'
import { withBeside } from '../mapping/beside.ts'
import type { Beside, Json } from '../mapping/beside.ts'
import { NotStorableError } from '../mapping/errors.ts'
import type { LensContext, Part, Warning } from '../mapping/lens.ts'
import { sealedPlaces } from '../mapping/sealed.ts'
import type { JsonObject } from '../r4/element-paths.ts'
import { parseJson } from '../r4/json.ts'
import { blindText } from '../seal/sealed-text.ts'
import type { Seals } from '../seal/seals.ts'
import { reference } from './answers.ts'
import type { ResourceState } from '../store/projected.ts'
import { openBeside } from '../store/sealed-bodies.ts'
import type { BatchRow } from './batch.ts'
import { addProblem } from './batch.ts'
import type { Claim, Claims } from './claims.ts'
import { problemOf, resourceId } from './parts.ts'

/** What a FHIR write means for resources of the batch. */
export interface Written {
  /** by `_id`: compares what was sent with what the rows hold now, and says what is kept beside them */
  readonly settle: ReadonlyMap<string, (part: Part, resource: Resource) => Beside | undefined>
  /** deleted by the client: nothing is kept */
  readonly deleted: ReadonlySet<string>
  /** rows by `_id` in `rows`: of whatever they give there are versions by the same */
  readonly rows?: ReadonlySet<string>
  readonly by: string
}

/** Of a resource some of whose values are sealed in what the gateway keeps. */
export interface SealedContent {
  /** where */
  readonly places: ReadonlySet<string>
  /** the resource with blind indexes in their place: what search keys are made of */
  readonly blinded: JsonObject
  /** of the text under each key, any of which may be stored */
  readonly hashes: readonly string[]
}

export interface Content {
  readonly claim: Claim
  /** without versionId and lastUpdated */
  readonly text: string
  /** of the text: equal content makes no version */
  readonly hash: string
  readonly resource: object
  /** JSON text of what is kept beside the row */
  readonly beside: string | undefined
  readonly sealed?: SealedContent
}

export interface Contents {
  /** undefined: deleted in the source */
  readonly made: ReadonlyMap<string, Content | undefined>
  /** could not be made: what is stored stays */
  readonly failed: ReadonlySet<string>
  readonly warnings: readonly Warning[]
}

export interface Known {
  readonly seals: Seals
  readonly base: string
  readonly claims: Claims
  readonly states: ReadonlyMap<string, ResourceState>
  /** resources that no row gives any more */
  readonly removed: ReadonlySet<string>
  readonly written?: Written | undefined
}

export function makeContents(known: Known): Contents {
  const made = new Map<string, Content | undefined>()
  const failed = new Set<string>()
  const warnings: Warning[] = []
  let todo = [...known.claims.values()]
  while (todo.length > 0) {
    const missing = new Set<string>()
    for (const claim of todo) {
      try {
        made.set(claim.id, contentOf(claim, known, failed, warnings))
      } catch (error) {
        if (error instanceof NotStorableError || error instanceof GatewayError) throw error
        made.delete(claim.id)
        failed.add(claim.id)
        for (const giver of claim.givers) addProblem(giver, problemOf(error, claim.part.lens.name))
        if (!isThere(known.states.get(claim.id))) missing.add(reference(claim.id))
      }
    }
    todo = [...known.claims.values()].filter(({ id, holder }) => !failed.has(id) && leansOn(holder, missing))
  }
  return { made, failed, warnings }
}

function contentOf(claim: Claim, known: Known, failed: ReadonlySet<string>, warnings: Warning[]): Content | undefined {
  const { part, holder } = claim
  const given = part.lens.get(part, contextOf(holder, known, failed, warnings))
  if (!given) return undefined
  const beside = besideOf(claim, given, known)
  const resource = beside === undefined ? given : withBeside(given as unknown as Json, parseJson(beside) as Beside)
  const text = JSON.stringify(resource)
  const places = part.lens.sealed.length > 0 ? sealedPlaces(resource, part.lens.sealed) : undefined
  if (!places || (places.size === 0 && beside === undefined)) {
    return { claim, text, hash: hash('sha256', text, 'base64').slice(0, 22), resource, beside }
  }
  const sealed = sealedContent(known.seals, claim.id, text, places)
  return { claim, text, hash: sealed.hashes[0] ?? '', resource, beside, sealed }
}

/** A hash that anybody can make would tell who guesses the value; this one takes a key. Under each key, the first first. */
export function sealedHashes(seals: Seals, id: string, text: string): string[] {
  const tenant = id.slice(0, id.indexOf('/'))
  // Refused where there is no key to seal with
  seals.blind(tenant, '$content', '')
  return seals.kids.map((kid) => `${kid}.${seals.blind(tenant, '$content', text, kid)}`)
}

function sealedContent(seals: Seals, id: string, text: string, places: ReadonlySet<string>): SealedContent {
  return {
    places,
    blinded: parseJson(blindText(seals, id, text, places)) as JsonObject,
    hashes: sealedHashes(seals, id, text),
  }
}

function besideOf({ id, part }: Claim, given: Resource, { written, states, seals }: Known): string | undefined {
  const settle = written?.settle.get(id)
  if (!settle) return openBeside({ seals }, id, states.get(id)?.beside)
  const beside = settle(part, given)
  return beside && JSON.stringify(beside)
}

function contextOf(holder: BatchRow, known: Known, failed: ReadonlySet<string>, warnings: Warning[]): LensContext {
  const { base, claims, states, removed } = known
  const key = holder.tenant?.key
  return {
    base,
    timeZone: holder.plan?.source.timeZone ?? 'UTC',
    ...(key !== undefined && { tenantKey: key }),
    has(target) {
      const id = resourceId(holder, target)
      const claim: { readonly part: Part } | undefined = claims.get(id)
      if (claim && !failed.has(id)) return !claim.part.gone
      return !removed.has(id) && isThere(states.get(id))
    },
    warn: (warning) => warnings.push(warning),
  }
}

export function isThere(state: ResourceState | undefined): boolean {
  return state !== undefined && !state.deleted
}

function leansOn({ deps }: BatchRow, missing: ReadonlySet<string>): boolean {
  return missing.size > 0 && !deps.isDisjointFrom(missing)
}
