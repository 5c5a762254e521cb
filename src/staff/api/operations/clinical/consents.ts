/** What patients agreed to, or not; and an agreement taken back, at once for every way to the record. */
import type { Consent } from '@medplum/fhirtypes'
import { GatewayError } from '../../../../kernel/errors.ts'
import type { Kind } from '../../kind.ts'
import { findOne, itemWith, listOf, oneOf } from '../../kind.ts'
import type { ApiOperation } from '../../operation.ts'
import { extensionOf, idIn, namedOf, sourceOf, systemOf, textOf, words } from '../../plain.ts'

const REVOKED_AT = 'consent-revoked-at'

const states = words({
  draft: 'draft',
  proposed: 'proposed',
  given: 'active',
  refused: 'rejected',
  withdrawn: 'inactive',
  mistaken: 'entered-in-error',
})

const consents: Kind<'Consent'> = {
  type: 'Consent',
  name: 'consent',
  parameters: {
    patient: (id) => [['patient', `Patient/${id}`]],
    state: (word) => [['status', states.codeOf(word)]],
  },
  date: 'date',
  include: ['patient'],
  view: (resource, names) => ({
    system: systemOf(resource),
    state: states.wordOf(resource.status),
    patient: namedOf(resource.patient, names),
    by: namedOf(resource.performer?.[0], names),
    about: textOf(resource.category?.[0]),
    form: idIn(resource.sourceReference),
    denies: resource.provision?.type === 'deny' || undefined,
    given: resource.dateTime,
    withdrawn: extensionOf(resource, REVOKED_AT)?.valueDateTime,
  }),
}

export const listConsents = listOf(consents)
export const getConsent = oneOf(consents)

export const withdrawConsent: ApiOperation = {
  async handle(request) {
    const { path, records, version } = request
    const at = new Date().toISOString()
    await records.change('Consent', path['id'] as string, (consent) => withdrawn(consent, at), { version })
    return itemWith(await findOne(consents, request, path['id'] as string), 201)
  },
  again: async (request) => itemWith(await findOne(consents, request, request.path['id'] as string), 201),
}

function withdrawn<T extends Consent>(consent: T, at: string): T {
  if (consent.status !== 'active') {
    throw new GatewayError('GW_CONFLICT', 'Only a consent that is given can be withdrawn: read its state.')
  }
  const source = sourceOf(consent)
  if (!source) return { ...consent, status: 'inactive' }
  // A row has a column for when; of what the gateway keeps itself the version says it
  const revoked = { url: `${source.base}/StructureDefinition/${REVOKED_AT}`, valueDateTime: at }
  return { ...consent, status: 'inactive', extension: [...(consent.extension ?? []), revoked] }
}
