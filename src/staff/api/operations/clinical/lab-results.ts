/** What a laboratory found, each value for itself. */
import type { Observation, ObservationReferenceRange } from '@medplum/fhirtypes'
import type { Kind } from '../../kind.ts'
import { listOf, oneOf } from '../../kind.ts'
import { idIn, namedOf, notesOf, quantityText, systemOf, textOf, words } from '../../plain.ts'

const status = words({
  awaited: 'registered',
  preliminary: 'preliminary',
  final: 'final',
  amended: 'amended',
  corrected: 'corrected',
  cancelled: 'cancelled',
  mistaken: 'entered-in-error',
  unknown: 'unknown',
})

/** http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation */
const interpretations = words({
  normal: 'N',
  high: 'H',
  low: 'L',
  'critically-high': 'HH',
  'critically-low': 'LL',
  abnormal: 'A',
  'critically-abnormal': 'AA',
})

export const labResults: Kind<'Observation'> = {
  type: 'Observation',
  name: 'lab result',
  among: [['category', 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory']],
  parameters: {
    patient: (id) => [['patient', `Patient/${id}`]],
    order: (id) => [['based-on', `ServiceRequest/${id}`]],
    status: (word) => [['status', status.codeOf(word)]],
  },
  date: 'date',
  include: ['patient'],
  view: (resource, names) => ({
    system: systemOf(resource),
    status: status.wordOf(resource.status),
    patient: namedOf(resource.subject, names),
    order: idIn(resource.basedOn?.[0]),
    test: textOf(resource.code),
    taken: resource.effectiveDateTime,
    value: valueText(resource),
    number: resource.valueQuantity?.value,
    unit: resource.valueQuantity?.unit ?? resource.valueQuantity?.code,
    interpretation: interpretationOf(resource),
    normalRange: rangeText(resource.referenceRange?.[0]),
    notes: notesOf(resource.note),
  }),
}

export const listLabResults = listOf(labResults)
export const getLabResult = oneOf(labResults)

function valueText({ valueQuantity, valueCodeableConcept, valueString }: Observation): string | undefined {
  return valueQuantity ? quantityText(valueQuantity) : (valueString ?? textOf(valueCodeableConcept))
}

/** A word of ours where the code is one we know; else what the source says. */
function interpretationOf({ interpretation = [] }: Observation): string | undefined {
  const [first] = interpretation
  return interpretations.wordOf(first?.coding?.[0]?.code) ?? textOf(first)
}

function rangeText(range: ObservationReferenceRange | undefined): string | undefined {
  if (!range) return undefined
  const { text, low, high } = range
  if (text !== undefined) return text
  if (low?.value !== undefined && high?.value !== undefined) return `${low.value} - ${quantityText(high)}`
  if (high?.value !== undefined) return `< ${quantityText(high)}`
  return low?.value === undefined ? undefined : `> ${quantityText(low)}`
}
