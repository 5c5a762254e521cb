/** What an export is asked for, checked (https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters). */
import { GatewayError } from '../../kernel/errors.ts'
import { compartmentTypes } from '../../r4/compartments.ts'
import { isResourceType, resourceTypes } from '../../r4/elements.ts'
import type { ExportWish } from '../../store/job-documents.ts'
import type { FhirContext } from '../context.ts'
import { handlingOf } from '../context.ts'
import type { Inputs } from '../operations/inputs.ts'
import { textInput } from '../operations/inputs.ts'
import { assertBuilt } from '../search/building.ts'
import { subsetOf } from '../search/subset.ts'
import { searchOf } from './export-search.ts'

/** A plus that was not escaped arrives as a space. */
const FORMATS = /^(application\/(fhir[+ ])?)?ndjson$/

/** What is exported of a system, or of patients. */
export function exportWish(context: FhirContext, inputs: Inputs, patients: ExportWish['patients']): ExportWish {
  assertSupported(context, inputs)
  const types = typesOf(context, inputs, patients ? compartmentTypes('Patient') : resourceTypes)
  const since = textInput(inputs, '_since')
  return {
    types,
    ...(since !== undefined && { since: new Date(since) }),
    searches: searchesOf(context, inputs, types),
    elements: elementsOf(context, inputs, types),
    ...(patients && { patients }),
  }
}

function assertSupported(context: FhirContext, inputs: Inputs): void {
  const format = textInput(inputs, '_outputFormat')
  if (format !== undefined && !FORMATS.test(format)) {
    throw refused('"_outputFormat" is application/fhir+ndjson here; leave it out or name that.')
  }
  if (inputs.has('includeAssociatedData') && handlingOf(context.request) === 'strict') {
    const sentence =
      '"includeAssociatedData" is not supported: the export holds what its types say; name them in "_type".'
    throw new GatewayError('GW_UNKNOWN_PARAMETER', sentence)
  }
}

function typesOf(context: FhirContext, inputs: Inputs, all: readonly string[]): readonly string[] {
  const named = [...new Set(listOf(inputs, '_type'))]
  if (named.length === 0) return all
  const wrong = named.find((type) => !all.includes(type))
  if (wrong !== undefined && handlingOf(context.request) === 'strict') {
    throw refused(
      isResourceType(wrong)
        ? `"_type" names ${wrong}, which is never in the compartment of a Patient.`
        : '"_type" names something that is no resource type of FHIR R4.',
    )
  }
  return named.filter((type) => all.includes(type))
}

/** `Observation?code=1` each; several of one type are alternatives. */
function searchesOf(context: FhirContext, inputs: Inputs, types: readonly string[]): ExportWish['searches'] {
  const searches: Record<string, string[]> = {}
  for (const text of valuesOf(inputs, '_typeFilter').flatMap((value) => value.split(/,(?=[A-Z][A-Za-z]+\?)/))) {
    const [type = '', query = ''] = text.split(/\?(.*)/s)
    if (!types.includes(type) || !text.includes('?')) {
      throw refused('"_typeFilter" has searches like Observation?status=final, each of a type that is exported.')
    }
    assertBuilt(context.building, searchOf(context, context.request.base, type, query))
    ;(searches[type] ??= []).push(query)
  }
  return searches
}

/** `birthDate` of all types, `Patient.name` of one. */
function elementsOf({ request }: FhirContext, inputs: Inputs, types: readonly string[]): ExportWish['elements'] {
  const elements: Record<string, string[]> = {}
  for (const text of listOf(inputs, '_elements')) {
    const [first = '', name] = text.split('.')
    const type = name === undefined ? '*' : first
    const element = name ?? first
    const query = [['_elements', element] as const]
    subsetOf({ ...request, query }, type === '*' ? types : types.filter((each) => each === type))
    ;(elements[type] ??= []).push(element)
  }
  return elements
}

/** Of a parameter that may be said several times, or once with commas. */
function listOf(inputs: Inputs, name: string): string[] {
  return valuesOf(inputs, name).flatMap((value) => value.split(',').filter((each) => each !== ''))
}

function valuesOf(inputs: Inputs, name: string): readonly string[] {
  return (inputs.get(name) ?? []) as readonly string[]
}

function refused(sentence: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', sentence)
}
