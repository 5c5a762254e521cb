/** What a laboratory was asked for; of one, with what it found. */
import type { ServiceRequest } from '@medplum/fhirtypes'
import type { Kind } from '../../kind.ts'
import { findOne, itemsOf, itemWith, listOf } from '../../kind.ts'
import type { ApiOperation } from '../../operation.ts'
import type { Named } from '../../plain.ts'
import { extensionOf, namedOf, notesOf, systemOf, textOf, words } from '../../plain.ts'
import { labResults } from './lab-results.ts'

const status = words({
  draft: 'draft',
  ordered: 'active',
  'on-hold': 'on-hold',
  completed: 'completed',
  cancelled: 'revoked',
  mistaken: 'entered-in-error',
  unknown: 'unknown',
})

const labOrders: Kind<'ServiceRequest'> = {
  type: 'ServiceRequest',
  name: 'lab order',
  among: [['category', 'http://snomed.info/sct|108252007']],
  parameters: {
    patient: (id) => [['patient', `Patient/${id}`]],
    practitioner: (id) => [['requester', `Practitioner/${id}`]],
    status: (word) => [['status', status.codeOf(word)]],
  },
  date: 'authored',
  include: ['patient'],
  view: (resource, names) => ({
    system: systemOf(resource),
    status: status.wordOf(resource.status),
    patient: namedOf(resource.subject, names),
    orderedBy: namedOf(resource.requester, names) ?? byHand(resource),
    test: textOf(resource.code),
    code: resource.code?.coding?.[0]?.code,
    ordered: resource.authoredOn,
    notes: notesOf(resource.note),
  }),
}

export const listLabOrders = listOf(labOrders)

export const getLabOrder: ApiOperation = {
  async handle(request) {
    const order = await findOne(labOrders, request, request.path['id'] as string)
    const { items } = await itemsOf(labResults, { ...request, query: { limit: 100 } }, [
      ['based-on', `ServiceRequest/${order.id}`],
    ])
    const whole = { ...order, results: items }
    return itemWith(whole)
  },
}

/** A name that was typed is nobody's id. */
function byHand(resource: ServiceRequest): Named | undefined {
  const name = extensionOf(resource, 'ordered-by')?.valueString
  return name === undefined ? undefined : { name }
}
