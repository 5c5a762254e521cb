/** The Composition that the gateway makes of a DiagnosticReport: its results, its conclusion, its files, each with a narrative. */
import type { Composition, CompositionSection, DiagnosticReport, Resource } from '@medplum/fhirtypes'
import { GatewayError } from '../../kernel/errors.ts'
import { narrative, paragraph, table } from './narrative.ts'
import { rowOf } from './rows.ts'
import { conceptsText, conceptText, joined } from './words.ts'
import type { Parts } from './parts.ts'
import type { Resolve } from './words.ts'

export interface Made {
  readonly report: DiagnosticReport
  /** of the report, as the document has it */
  readonly url: string
  /** of the gateway */
  readonly author: string
  /** a reference as the Composition must say it: where what it means is in the document, by its full URL */
  readonly absolute: Parts['absolute']
  readonly resolve: Parts['resolve']
}

/** R4 diagnostic-report-status → composition-status. */
const STATUS: Readonly<Record<DiagnosticReport['status'], Composition['status'] | undefined>> = {
  registered: 'preliminary',
  partial: 'preliminary',
  preliminary: 'preliminary',
  final: 'final',
  amended: 'amended',
  corrected: 'amended',
  appended: 'amended',
  cancelled: undefined,
  'entered-in-error': 'entered-in-error',
  unknown: 'preliminary',
}
const AUTHORS = /^(?:.*\/)?(?:Practitioner|PractitionerRole|Organization)\/[^/]+$/

export function compositionOf(made: Made): Composition {
  const { report, absolute, author } = made
  const { identifier, category, subject, encounter, issued, meta, code } = report
  const status = STATUS[report.status]
  if (!status) throw new GatewayError('GW_UNPROCESSABLE', 'This report was cancelled: there is nothing to make of it.')
  const people = [...(report.resultsInterpreter ?? []), ...(report.performer ?? [])]
  const authors = people.filter(({ reference }) => reference !== undefined && AUTHORS.test(reference))
  return {
    resourceType: 'Composition',
    language: 'en',
    text: narrative('en', [paragraph(`${titleOf(report)}. Made by the Isthmus gateway of a diagnostic report.`)]),
    ...(identifier?.[0] && { identifier: identifier[0] }),
    status,
    type: code,
    ...(category && { category }),
    ...(subject && { subject: absolute(subject) }),
    ...(encounter && { encounter: absolute(encounter) }),
    date: issued ?? meta?.lastUpdated ?? new Date().toISOString(),
    author: [
      ...authors.map((each) => absolute(each)),
      { reference: author, display: 'Isthmus FHIR gateway' },
    ] as Composition['author'],
    title: titleOf(report),
    section: [resultsOf(made), ...conclusionOf(report), ...specimensOf(made), ...filesOf(report)],
  }
}

function titleOf({ code }: DiagnosticReport): string {
  return conceptText(code) || 'Diagnostic report'
}

/** The report itself stands first: what is in a document is what its Composition refers to. */
function resultsOf({ report, url, absolute, resolve }: Made): CompositionSection {
  const results = report.result ?? []
  const rows = results.flatMap(({ reference = '' }) => lines(resolve(reference), resolve))
  const shown = rows.length > 0 ? table(['Result', 'Value', 'Time'], rows) : paragraph('No results are shown.')
  return {
    title: 'Results',
    code: loinc('30954-2', 'Relevant diagnostic tests/laboratory data note'),
    text: narrative('en', [shown]),
    entry: [{ reference: url }, ...results.map((each) => absolute(each))],
  }
}

/** A panel with its members. */
function lines(resource: Resource | undefined, resolve: Resolve, depth = 0): (readonly string[])[] {
  if (resource?.resourceType !== 'Observation' || depth > 3) return []
  const members = (resource.hasMember ?? []).flatMap(({ reference = '' }) =>
    lines(resolve(reference), resolve, depth + 1),
  )
  return [rowOf(resource, resolve), ...members]
}

function conclusionOf({ conclusion, conclusionCode }: DiagnosticReport): CompositionSection[] {
  const words = joined([conclusion, conceptsText(conclusionCode)])
  if (words === '') return []
  return [{ title: 'Conclusion', code: loinc('55110-1'), text: narrative('en', [paragraph(words)]) }]
}

function specimensOf({ report: { specimen = [] }, absolute, resolve }: Made): CompositionSection[] {
  if (specimen.length === 0) return []
  const rows = specimen.flatMap(({ reference = '', display }) => {
    const found = resolve(reference)
    const type = found?.resourceType === 'Specimen' ? conceptText(found.type) : ''
    return [display ?? (type || 'Specimen')]
  })
  return [
    { title: 'Specimens', text: narrative('en', rows.map(paragraph)), entry: specimen.map((each) => absolute(each)) },
  ]
}

/** A section refers to resources; the files themselves are in `presentedForm` of the report, which the document has. */
function filesOf({ presentedForm = [] }: DiagnosticReport): CompositionSection[] {
  if (presentedForm.length === 0) return []
  const names = presentedForm.map(({ title, contentType, url }) => joined([title, contentType, url]) || 'A file')
  return [{ title: 'Files of the report', text: narrative('en', names.map(paragraph)) }]
}

function loinc(code: string, display?: string): NonNullable<CompositionSection['code']> {
  return { coding: [{ system: 'http://loinc.org', code, ...(display && { display }) }] }
}
