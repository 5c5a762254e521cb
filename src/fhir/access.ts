/**
 * What an interaction needs of the caller's Permit, and what is left of the Permit for it. The router says it of each
 * interaction, each operation of itself, and here it is decided: 403 where no scope is for it, whatever is stored.
 *
 * Of what is stored the Permit itself decides: reads never find what it does not allow (src/store/permit-filter.ts),
 * writes are refused where they are done (src/projection/write-access.ts).
 */
import { mayAsk, mayAskAll, only, wide } from '../access/allowed.ts'
import type { Permit } from '../access/permit.ts'
import type { Letter } from '../access/scope.ts'
import type { Answer } from '../http/answer.ts'
import { GatewayError } from '../kernel/errors.ts'
import { resourceTypes } from '../r4/elements.ts'
import type { FhirContext } from './context.ts'

/** What is asked of one type, or of one resource of it. */
interface OfTypes {
  readonly letter: Letter
  /** all of these; `any`: of one type at least, and others are left out */
  readonly types: readonly string[] | 'any'
  readonly id?: string
}

/** `nothing`: it tells of no resource by itself, or what it consists of is decided one by one. */
export type Need = OfTypes | 'nothing'

export interface Interaction {
  readonly needs: Need
  readonly handle: (context: FhirContext) => Promise<Answer>
}

/** Throws 403; gives the context with the part of the Permit that the interaction is done with. */
export function allowed<C extends { readonly permit: Permit }>(context: C, needs: Need): C {
  if (needs === 'nothing' || context.permit.rules === 'everything') return context
  const { letter, types, id } = needs
  const { permit } = context
  const isMissing = (type: string): boolean => !mayAsk(permit, letter, type, id)
  const missing = types === 'any' ? resourceTypes.every(isMissing) && 'anything' : types.find(isMissing)
  if (missing) throw insufficient(letter, missing)
  // Of writes the old content and the new are looked at, so they have it whole
  return letter === 'r' || letter === 's' ? { ...context, permit: only(permit, letter) } : context
}

export type Access = 'reads' | 'changes' | 'exports' | 'imports' | 'parts'

/**
 * Of operations. `reads`: a resource (r) and what belongs to it, or a search (s); `changes`: an update; `parts`: the
 * resource it is asked of, if any, and all else it reads is decided one by one. Exports and imports are for who is not
 * limited to single patients.
 */
export function allowedOperation(context: FhirContext, access: Access, type?: string, id?: string): FhirContext {
  if (context.permit.rules === 'everything') return context
  const types = type === undefined ? 'any' : [type]
  if (access === 'changes') return allowed(context, { letter: 'u', types, ...(id !== undefined && { id }) })
  if (access === 'imports') return importing(context)
  if (id !== undefined && type !== undefined) allowed(context, { letter: 'r', types: [type], id })
  if (access === 'exports') return exporting(context)
  return id === undefined && access === 'reads' ? allowed(context, { letter: 's', types }) : context
}

function exporting(context: FhirContext): FhirContext {
  const permit = wide(only(context.permit, 's'))
  if (permit.rules.length === 0) throw insufficient('s', 'anything of all patients')
  return { ...context, permit }
}

/** Of the types that were asked for by name; else those there is a scope for. */
export function exportedTypes(permit: Permit, types: readonly string[], areNamed: boolean): readonly string[] {
  const missing = types.find((type) => !mayAsk(permit, 's', type))
  if (missing !== undefined && areNamed) throw insufficient('s', missing)
  const left = types.filter((type) => mayAsk(permit, 's', type))
  if (left.length === 0) throw insufficient('s', 'anything that is exported')
  return left
}

/** Subscriptions are their creators', and are not imported. */
const imported = resourceTypes.filter((type) => type !== 'Subscription')

function importing(context: FhirContext): FhirContext {
  const isAll = (letter: Letter): boolean => imported.every((type) => mayAskAll(context.permit, letter, type))
  if (!isAll('c') || !isAll('u')) throw insufficient('c', 'everything')
  return context
}

/** What an interaction by this method with a type or a resource of it changes. */
export const WRITES = { POST: 'c', PUT: 'u', PATCH: 'u', DELETE: 'd' } as const satisfies Readonly<
  Record<string, Letter>
>

const WORDS: Readonly<Record<Letter, string>> = {
  c: 'create',
  r: 'read',
  u: 'update',
  d: 'delete',
  s: 'search',
}

function insufficient(letter: Letter, what: string): GatewayError {
  return new GatewayError(
    'GW_INSUFFICIENT_SCOPE',
    `The access token has no scope to ${WORDS[letter]} ${what} ("${letter}"): ask the authorization server for one.`,
  )
}
