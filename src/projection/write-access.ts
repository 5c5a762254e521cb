/**
 * What a Permit says of a write, of what is there before it and of what would be there after it: nobody changes what is
 * not theirs, or makes it somebody else's.
 */
import { SEEING, isAllowed, mayAskAll } from '../access/allowed.ts'
import { isCleared } from '../access/clearance.ts'
import type { Keys } from '../access/key-test.ts'
import type { Level } from '../r4/labels.ts'
import { LEVELS, levelsOf } from '../r4/labels.ts'
import type { Permit } from '../access/permit.ts'
import type { Letter } from '../access/scope.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { JsonObject } from '../r4/element-paths.ts'
import { parseJson } from '../r4/json.ts'
import { searchKeys } from '../r4/search-keys.ts'
import type { ResourceDocument } from '../store/documents.ts'
import type { Operation } from './operation.ts'
import { notFound } from './write-errors.ts'

/** What of an operation the Permit is asked about. */
type Asked = Pick<Operation, 'method' | 'type'>

/**
 * Before: 404 for what may not be seen, in the words for what never was; 403 for what may be seen and not changed. Where
 * nothing is to be found, only who may create any resource of the type chooses its id: to others an id that is taken
 * and one that is free are the same.
 */
export function assertMayChange(permit: Permit, operation: Asked, stored: ResourceDocument | undefined): void {
  if (permit.rules === 'everything' || operation.method === 'POST') return
  const { method, type } = operation
  if (stored && !stored.deleted) {
    if (fits(permit, method === 'DELETE' ? 'd' : 'u', stored, stored)) return
    throw fits(permit, SEEING, stored, stored) ? forbidden(method) : notFound(type)
  }
  const isNamed = 'id' in operation
  if (method === 'PUT' && isNamed && !mayAskAll(permit, 'c', type)) throw notFound(type)
  if (stored && isNamed && !mayAskAll(permit, 'd', type)) throw notFound(type)
}

/** A conditional update that nothing fits creates, under the id that was sent where one was. */
export function assertMayName(permit: Permit, type: string): void {
  if (!mayAskAll(permit, 'c', type)) throw forbidden('POST')
}

/** After: 403 for what would be outside of what may be created or updated, and for labels that are not theirs to change. */
export function assertMayLeave(
  permit: Permit,
  letter: Letter,
  document: Pick<ResourceDocument, '_id' | 'body'>,
  stored: Pick<ResourceDocument, 'k'> | undefined,
): void {
  if (permit.rules === 'everything') return
  const [, type = ''] = document._id.split('/')
  if (mayAskAll(permit, letter, type)) return
  const keys = searchKeys(parseJson(document.body) as JsonObject)
  if (!fits(permit, letter, document, keys)) throw forbidden(letter === 'c' ? 'POST' : 'PUT')
  assertMayLabel(permit, levelsOf(type, stored?.k ?? []), levelsOf(type, keys.k))
}

/** Who sees what is restricted as a patient, or in an emergency, makes it neither open nor restricted by that. */
function assertMayLabel({ holder }: Permit, before: readonly Level[], after: readonly Level[]): void {
  const changed = LEVELS.filter((level) => before.includes(level) !== after.includes(level))
  if (changed.every((level) => isCleared(holder?.clearance ?? [], level))) return
  throw new GatewayError(
    'GW_FORBIDDEN',
    `Who has no clearance for a confidentiality label (${changed.join(', ')}) neither adds nor removes it.`,
  )
}

function fits(permit: Permit, letters: string, { _id }: Pick<ResourceDocument, '_id'>, keys: Keys): boolean {
  const [, type = '', id = ''] = _id.split('/')
  return isAllowed(permit, letters, type, id, keys)
}

const WORDS = {
  POST: 'This resource would be outside of what you may create.',
  PUT: 'This resource is, or would be, outside of what you may update.',
  DELETE: 'This resource is outside of what you may delete.',
}

function forbidden(method: Operation['method']): GatewayError {
  return new GatewayError('GW_FORBIDDEN', WORDS[method])
}
