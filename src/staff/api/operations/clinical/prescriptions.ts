/** What was prescribed: one medicine each. */
import type { Kind } from '../../kind.ts'
import { listOf, oneOf } from '../../kind.ts'
import { namedOf, notesOf, quantityText, systemOf, textOf, words } from '../../plain.ts'

const status = words({
  draft: 'draft',
  active: 'active',
  'on-hold': 'on-hold',
  completed: 'completed',
  cancelled: 'cancelled',
  stopped: 'stopped',
  mistaken: 'entered-in-error',
  unknown: 'unknown',
})

const prescriptions: Kind<'MedicationRequest'> = {
  type: 'MedicationRequest',
  name: 'prescription',
  parameters: {
    patient: (id) => [['patient', `Patient/${id}`]],
    practitioner: (id) => [['requester', `Practitioner/${id}`]],
    status: (word) => [['status', status.codeOf(word)]],
  },
  date: 'authoredon',
  include: ['patient', 'medication'],
  view(resource, names) {
    const { dispenseRequest, medicationReference, medicationCodeableConcept } = resource
    const { quantity, validityPeriod, numberOfRepeatsAllowed } = dispenseRequest ?? {}
    return {
      system: systemOf(resource),
      status: status.wordOf(resource.status),
      patient: namedOf(resource.subject, names),
      practitioner: namedOf(resource.requester, names),
      medicine: textOf(medicationCodeableConcept) ?? namedOf(medicationReference, names)?.name,
      dosage: resource.dosageInstruction?.flatMap(({ text }) => text ?? []).join('; ') || undefined,
      reason: textOf(resource.reasonCode?.[0]),
      notes: notesOf(resource.note),
      number: resource.groupIdentifier?.value,
      prescribed: resource.authoredOn,
      from: validityPeriod?.start,
      until: validityPeriod?.end,
      quantity: quantity && quantityText(quantity),
      repeats: numberOfRepeatsAllowed,
    }
  },
}

export const listPrescriptions = listOf(prescriptions)
export const getPrescription = oneOf(prescriptions)
