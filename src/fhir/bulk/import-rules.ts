/** What a line of an import asks to be written: an update of the resource it holds, so that a second time changes nothing. */
import type { Resource } from '@medplum/fhirtypes'
import { GatewayError } from '../../kernel/errors.ts'
import type { Update } from '../../projection/operation.ts'
import { isResourceType } from '../../r4/elements.ts'
import { parseIncoming } from '../../r4/json.ts'
import { checkedResource } from '../resource-body.ts'
import type { ValidationContext } from '../validation.ts'

const ID = /^[A-Za-z0-9\-.]{1,64}$/

/** `expected`: the type that the whole file is said to be of. Refused as any other write is, by the tenant's policy. */
export function importOperation(context: ValidationContext, text: string, expected: string | undefined): Update {
  const value = parseIncoming(text)
  const { resourceType: type, id } = (value ?? {}) as Partial<Resource>
  if (type === undefined || !isResourceType(type)) throw refused('This is no resource of FHIR R4.', 'resourceType')
  if (expected !== undefined && type !== expected) {
    throw refused(`This is no ${expected}, which the file is said to hold.`, 'resourceType')
  }
  if (type === 'Subscription') {
    throw refused('A Subscription is made by whoever is to be told of something, with their rights.', 'resourceType')
  }
  if (typeof id !== 'string' || !ID.test(id)) {
    throw refused('It needs an id of FHIR: it is stored under that, however often it is imported.', `${type}.id`)
  }
  const resource = checkedResource(context, value, type, id)
  return { method: 'PUT', type, id, resource, edit: () => resource }
}

function refused(sentence: string, expression: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', sentence, { expression })
}
