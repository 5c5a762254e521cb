/** What an export is asked for, checked (https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters). */
import { GatewayError } from '../../kernel/errors.ts'
import { compartmentTypes } from '../../r4/compartments.ts'
import { isResourceType, resourceTypes } from '../../r4/elements.ts'
import type { ExportWish } from '../../store/job-documents.ts'
import { exportedTypes } from '../access.ts'
import type { FhirContext } from '../context.ts'
import { handlingOf } from '../context.ts'
import type { Inputs } from '../operations/inputs.ts'
import { textInput, unknownInputs } from '../operations/inputs.ts'
import type { Input } from '../operations/operation.ts'
import { assertBuilt } from '../search/building.ts'
import { assertNothingSealed } from '../search/sealed.ts'
import { subsetOf } from '../search/subset.ts'
import { searchOf } from './export-search.ts'

/** A plus that was not escaped arrives as a space. */
const FORMATS = /^(application\/(fhir[+ ])?)?ndjson$/
/** Each is worked out by itself. */
const MOST_SEARCHES = 100
const MOST_ELEMENTS = 1_000
const MOST_LEFT_OUT = 100
const LONGEST_NAME = 64

const NO_ASSOCIATED =
  '"includeAssociatedData" is not supported: the export holds what its types say; name them in "_type".'

/** What is exported of a system, or of patients. */
export function exportWish(
  context: FhirContext,
  inputs: Inputs,
  known: readonly Input[],
  patients: ExportWish['patients'],
): ExportWish {
  assertSupported(context, inputs)
  const all = patients ? compartmentTypes('Patient') : resourceTypes
  const types = exportedTypes(context.permit, typesOf(context, inputs, all), inputs.has('_type'))
  const since = textInput(inputs, '_since')
  const ignored = handlingOf(context.request) === 'lenient' ? leftOut(context, inputs, known, all) : []
  return {
    types,
    ...(since !== undefined && { since: new Date(since) }),
    searches: searchesOf(context, inputs, types),
    elements: elementsOf(context, inputs, types),
    ...(patients && { patients }),
    ...(ignored.length > 0 && { ignored }),
  }
}

function assertSupported(context: FhirContext, inputs: Inputs): void {
  const format = textInput(inputs, '_outputFormat')
  if (format !== undefined && !FORMATS.test(format)) {
    throw refused('"_outputFormat" is application/fhir+ndjson here; leave it out or name that.')
  }
  if (inputs.has('includeAssociatedData') && handlingOf(context.request) === 'strict') {
    throw new GatewayError('GW_UNKNOWN_PARAMETER', NO_ASSOCIATED)
  }
}

/** Said in the manifest (https://hl7.org/fhir/uv/bulkdata/STU2/export.html#response---complete-status, error). */
function leftOut(
  { request }: FhirContext,
  inputs: Inputs,
  known: readonly Input[],
  all: readonly string[],
): readonly string[] {
  const names = unknownInputs(request, known)
  const types = [...new Set(listOf(inputs, '_type'))].filter((type) => !all.includes(type))
  return [
    ...names.map((name) => `The parameter "${shortened(name)}" is not known here and was left out.`),
    ...types.map((type) => `"_type" names ${shortened(type)}, which is never in this export.`),
    ...(inputs.has('includeAssociatedData') ? [NO_ASSOCIATED] : []),
  ].slice(0, MOST_LEFT_OUT)
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
  const texts = valuesOf(inputs, '_typeFilter').flatMap((value) => value.split(/,(?=[A-Z][A-Za-z]+\?)/))
  const longest = context.limits.urlLength
  if (texts.length > MOST_SEARCHES || texts.some(({ length }) => length > longest)) {
    throw refused(`"_typeFilter" has at most ${MOST_SEARCHES} searches of ${longest} characters each.`)
  }
  for (const text of new Set(texts)) {
    const [type = '', query = ''] = text.split(/\?(.*)/s)
    if (!types.includes(type) || !text.includes('?')) {
      throw refused('"_typeFilter" has searches like Observation?status=final, each of a type that is exported.')
    }
    const search = searchOf(context, context.request.base, type, query)
    assertBuilt(context.building, search)
    for (const { criteria, links } of search.wanted) assertNothingSealed(context, type, [...criteria, ...links])
    ;(searches[type] ??= []).push(query)
  }
  return searches
}

/** `birthDate` of all types, `Patient.name` of one; nothing below them. */
function elementsOf({ request }: FhirContext, inputs: Inputs, types: readonly string[]): ExportWish['elements'] {
  const elements: Record<string, string[]> = {}
  const texts = new Set(listOf(inputs, '_elements'))
  if (texts.size > MOST_ELEMENTS) throw refused(`"_elements" has at most ${MOST_ELEMENTS} names.`)
  for (const text of texts) {
    const [first = '', name, ...below] = text.split('.')
    const type = name === undefined ? '*' : first
    const element = name ?? first
    if (below.length > 0 || (type !== '*' && !types.includes(type))) {
      throw refused('"_elements" has names such as birthDate or Patient.birthDate, each of a type that is exported.')
    }
    subsetOf({ ...request, query: [['_elements', element]] }, type === '*' ? types : [type])
    ;(elements[type] ??= []).push(element)
  }
  return elements
}

/** Of a parameter that may be said several times, or once with commas. */
function listOf(inputs: Inputs, name: string): string[] {
  return valuesOf(inputs, name).flatMap((value) => value.split(',').filter((each) => each !== ''))
}

function shortened(name: string): string {
  return name.slice(0, LONGEST_NAME)
}

function valuesOf(inputs: Inputs, name: string): readonly string[] {
  return (inputs.get(name) ?? []) as readonly string[]
}

function refused(sentence: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', sentence)
}
