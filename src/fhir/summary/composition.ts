/** The Composition of a summary: a section for each kind of data, each with a narrative that says the same in words. */
import type { Composition, CompositionSection, Patient, Resource } from '@medplum/fhirtypes'
import { narrative, paragraph, table } from '../document/narrative.ts'
import type { Language } from '../document/narrative.ts'
import { rowOf } from '../document/rows.ts'
import { joined } from '../document/words.ts'
import type { Resolve } from '../document/words.ts'
import { words } from './headings.ts'
import { sections } from './sections.ts'
import type { Section, SectionKey } from './sections.ts'

export interface SectionEntry {
  readonly url: string
  readonly resource: Resource
}

export interface Summary {
  readonly language: Language
  readonly patient: Patient
  /** full URLs */
  readonly subject: string
  readonly author: string
  readonly custodian: string | undefined
  readonly confidentiality: Composition['confidentiality']
  readonly entries: ReadonlyMap<SectionKey, readonly SectionEntry[]>
  /** sections of which nothing is known: their entry says that */
  readonly absent: ReadonlySet<SectionKey>
  readonly resolve: Resolve
}

export function summaryComposition(summary: Summary): Composition {
  const { language, patient, subject, author, custodian, confidentiality } = summary
  const { title, made } = words[language]
  const { gender, birthDate } = patient
  return {
    resourceType: 'Composition',
    language,
    text: narrative(language, [paragraph(joined([nameOf(patient), birthDate, gender])), paragraph(made)]),
    status: 'final',
    type: { coding: [{ system: 'http://loinc.org', code: '60591-5', display: 'Patient summary Document' }] },
    subject: { reference: subject },
    date: new Date().toISOString(),
    author: [{ reference: author, display: 'Isthmus FHIR gateway' }],
    title,
    ...(confidentiality && { confidentiality }),
    ...(custodian !== undefined && { custodian: { reference: custodian } }),
    section: sections.flatMap((section) => sectionIn(summary, section)),
  }
}

function sectionIn(summary: Summary, section: Section & { readonly key: SectionKey }): CompositionSection[] {
  const { key, code, display } = section
  const { language, entries } = summary
  const own = entries.get(key) ?? []
  if (own.length === 0) return []
  return [
    {
      title: words[language].sections[key],
      code: { coding: [{ system: 'http://loinc.org', code, display }] },
      text: narrative(language, textOf(summary, key, own)),
      entry: own.map(({ url }) => ({ reference: url })),
    },
  ]
}

function textOf(summary: Summary, key: SectionKey, own: readonly SectionEntry[]): string[] {
  const { language, absent, entries, resolve } = summary
  const { columns, absent: sentences, seeDiagnoses } = words[language]
  const shown = absent.has(key)
    ? paragraph(sentences[key as keyof typeof sentences])
    : table(
        columns,
        own.map(({ resource }) => rowOf(resource, resolve)),
      )
  return [shown, ...(key === 'problems' && entries.has('diagnoses') ? [paragraph(seeDiagnoses)] : [])]
}

function nameOf({ name }: Patient): string {
  const { text, given = [], family } = name?.[0] ?? {}
  return text ?? joined([...given, family], ' ')
}
