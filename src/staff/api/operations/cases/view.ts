/** A case of a second opinion, as coordinators see it. */
import type { CodeableConcept, Extension, ServiceRequest } from '@medplum/fhirtypes'
import type { Kind } from '../../kind.ts'
import { extensionOf, idIn, namedOf, notesOf, systemOf, textOf } from '../../plain.ts'

export const cases: Kind<'ServiceRequest'> = {
  type: 'ServiceRequest',
  name: 'case',
  // Second Opinion, of HL7
  among: [['category', 'http://terminology.hl7.org/CodeSystem/v2-0336|S']],
  parameters: {
    patient: (id) => [['patient', `Patient/${id}`]],
    coordinator: (id) => [['performer', `Practitioner/${id}`]],
    reviewType: (code) => [['code', code]],
  },
  date: 'authored',
  view: (resource, names) => ({
    system: systemOf(resource),
    status: stageOf(resource),
    patient: idIn(resource.subject),
    age: extensionOf(resource, 'sop-patient-age')?.valueAge?.value,
    gender: extensionOf(resource, 'sop-patient-gender')?.valueCode,
    reviewType: catalogued(resource.code),
    disease: catalogued(resource.reasonCode?.[0]),
    history: notesOf(resource.note),
    coordinator: namedOf(resource.performer?.[0], names),
    reason: textOf(extensionOf(resource, 'request-statusReason')?.valueCodeableConcept),
    created: resource.authoredOn,
    documents: resource.supportingInfo?.length ?? 0,
  }),
}

/** How far it is, as far as the request itself says; whether there is a report, reports say. */
function stageOf({ status, performer }: ServiceRequest): string {
  if (status === 'draft') return 'draft'
  if (status === 'revoked') return 'rejected'
  if (status !== 'active') return 'unknown'
  return performer ? 'assigned' : 'in-review'
}

/** The key in the catalogue, and the name in both languages. */
function catalogued(concept: CodeableConcept | undefined): object | undefined {
  if (!concept) return undefined
  const [coding] = concept.coding ?? []
  const { _text, text = coding?.display } = concept as CodeableConcept & { readonly _text?: Extended }
  const { _display } = (coding ?? {}) as { readonly _display?: Extended }
  return { id: coding?.code, name: text, arabic: arabicOf(_text ?? _display) }
}

interface Extended {
  readonly extension?: Extension[]
}

function arabicOf(element: Extended | undefined): string | undefined {
  const translation = element && extensionOf(element, 'translation')
  return translation && extensionOf(translation, 'content')?.valueString
}
