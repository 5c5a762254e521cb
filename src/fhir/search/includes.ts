/** `_include` and `_revinclude` as asked: `Type:reference`, `Type:reference:Target`, `Type:*`, `*` (R4 search.html#include). */
import { GatewayError } from '../../kernel/errors.ts'
import { isResourceType } from '../../r4/elements.ts'
import { encodeName, encodeValue } from './query-text.ts'
import { referenceOf, referencesOf, referrersOf } from './reference-parameters.ts'
import type { Referrer } from './reference-parameters.ts'

export interface Include {
  /** what is pointed at, or what points here */
  readonly kind: '_include' | '_revinclude'
  /** also applied to what was included */
  readonly iterate: boolean
  /** the references to follow */
  readonly references: readonly Referrer[]
  /** of this type only */
  readonly target?: string
  /** as it stands in the self link */
  readonly text: string
}

/** What a resource points at is among its search keys; what points at it is found by its id. */
export function followsKeys({ kind }: Include): boolean {
  return kind === '_include'
}

export function isInclude(name: string): boolean {
  return /^_(rev)?include(:|$)/.test(name)
}

/** `types`: those of the matches. */
export function includeOf(types: readonly string[], name: string, value: string): Include {
  const [word = '', modifier] = name.split(/:(.*)/s)
  if (modifier !== undefined && modifier !== 'iterate') {
    throw new GatewayError('GW_UNKNOWN_PARAMETER', `"${word}" has no modifier ":${modifier}"; known is :iterate.`)
  }
  const kind = word as Include['kind']
  const iterate = modifier === 'iterate'
  const asked = { kind, iterate, text: `${encodeName(name)}=${encodeValue(value)}` }
  if (value === '*') return { ...asked, references: types.flatMap(kind === '_include' ? allOf : referrersOf) }
  const { source, code, target } = partsOf(kind, value)
  const references = code === '*' ? allOf(source) : [{ type: source, code: referenceOf(source, code).code }]
  const include = { ...asked, references, ...(target !== undefined && { target }) }
  if (!iterate) assertApplies(types, source, include)
  return include
}

function partsOf(kind: Include['kind'], value: string): { source: string; code: string; target?: string } {
  const [source = '', code = '', ...targets] = value.split(':')
  const [target] = targets
  if (isResourceType(source) && code !== '' && targets.length < 2 && targets.every(isResourceType)) {
    return { source, code, ...(target !== undefined && { target }) }
  }
  throw new GatewayError('GW_BAD_REQUEST', `"${kind}" takes Type:reference, Type:reference:Target, Type:* or *.`)
}

function allOf(type: string): Referrer[] {
  return referencesOf(type).map(({ code }) => ({ type, code }))
}

/** One that can never bring anything is a mistake, not an empty answer. */
function assertApplies(types: readonly string[], source: string, include: Include): void {
  if (types.some((type) => applies(type, source, include))) return
  const { kind } = include
  const what = types.slice(0, 3).join(', ')
  throw new GatewayError(
    'GW_BAD_REQUEST',
    `This ${kind} brings nothing to ${what}: write ${kind}:iterate to follow on.`,
  )
}

function applies(type: string, source: string, { kind, references, target }: Include): boolean {
  const reached = kind === '_include' ? target : type
  const isMine = kind === '_include' ? source === type : target === undefined || target === type
  return (
    isMine &&
    (reached === undefined || references.some(({ code }) => referenceOf(source, code).target?.includes(reached)))
  )
}
