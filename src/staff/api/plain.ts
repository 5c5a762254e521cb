/** What elements of FHIR are in plain words: a person with a name, a text of a code, the system a row lives in. */
import type { CodeableConcept, Extension, HumanName, Quantity, Reference, Resource } from '@medplum/fhirtypes'

export interface Named {
  readonly id?: string | undefined
  readonly name?: string | undefined
}

/** Names of what was read along, by reference. */
export type NamesOf = (reference: string | undefined) => string | undefined

/** Of what a search included: whatever has a name. */
export function namesIn(included: readonly Resource[]): NamesOf {
  const names = new Map(included.map((each) => [`${each.resourceType}/${each.id}`, nameIn(each)]))
  return (reference) => (reference === undefined ? undefined : names.get(reference))
}

export function nameIn(resource: Resource): string | undefined {
  switch (resource.resourceType) {
    case 'Patient':
    case 'Practitioner':
      return nameText(resource.name?.[0])
    case 'Medication':
      return textOf(resource.code)
    default:
      return undefined
  }
}

/** As it is written on a letter: given names first, unless the source says how it goes. */
export function nameText(name: HumanName | undefined): string | undefined {
  if (!name) return undefined
  return name.text ?? ([...(name.given ?? []), name.family].filter(Boolean).join(' ') || undefined)
}

/** Who it points at: the id, the name, or both; undefined where it says neither. */
export function namedOf(reference: Reference | undefined, names: NamesOf): Named | undefined {
  const name = names(reference?.reference) ?? reference?.display ?? reference?.identifier?.value
  const id = idIn(reference)
  return id === undefined && name === undefined ? undefined : { id, name }
}

export function idIn(reference: Reference | undefined): string | undefined {
  const [type, id, ...rest] = reference?.reference?.split('/') ?? []
  return type !== undefined && id !== undefined && rest.length === 0 ? id : undefined
}

export function textOf(concept: CodeableConcept | undefined): string | undefined {
  const [coding] = concept?.coding ?? []
  return concept?.text ?? coding?.display ?? coding?.code
}

export function quantityText({ value, unit, code, comparator }: Quantity): string | undefined {
  if (value === undefined) return undefined
  return [`${comparator ?? ''}${value}`, unit ?? code].filter(Boolean).join(' ')
}

const SID = '/sid/'

/** `<base>/sid/hms/patients/1`: of hms. Undefined where no row of a source holds it. */
export function sourceOf({ meta }: Resource): { readonly base: string; readonly system: string } | undefined {
  const { source = '' } = meta ?? {}
  const at = source.indexOf(SID)
  const from = at + SID.length
  const end = source.indexOf('/', from)
  return at < 1 || end <= from ? undefined : { base: source.slice(0, at), system: source.slice(from, end) }
}

export function systemOf(resource: Resource): string | undefined {
  return sourceOf(resource)?.system
}

export function extensionOf(
  { extension }: { readonly extension?: Extension[] | undefined },
  name: string,
): Extension | undefined {
  return extension?.find(({ url }) => url === name || url?.endsWith(`/${name}`))
}

/** What is written by hand about it, each on a line of its own. */
export function notesOf(note: readonly { readonly text?: string }[] | undefined): string | undefined {
  return note?.flatMap(({ text }) => text ?? []).join('\n') || undefined
}

/** Words of ours for codes of FHIR, one for one. */
export interface Words {
  /** undefined: the code has no word */
  wordOf(code: string | undefined): string | undefined
  codeOf(word: string): string
}

export function words(codes: Readonly<Record<string, string>>): Words {
  const back = new Map(Object.entries(codes).map(([word, code]) => [code, word]))
  return {
    wordOf: (code) => (code === undefined ? undefined : back.get(code)),
    codeOf: (word) => codes[word] ?? word,
  }
}
