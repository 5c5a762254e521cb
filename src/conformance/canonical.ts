/** Names of definitions: what a canonical resource is called by people, machines and files. */
import type { Resource } from '@medplum/fhirtypes'

/** A definition: a resource with a canonical URL. */
export type Definition = Resource & { readonly id: string; readonly url: string }

/** The canonical base that files in the repository are written with. */
export const WRITTEN_BASE = 'https://interop.example.org'

export const PUBLISHER = 'Isthmus'

/** `hms`, `lab-order` → `HmsLabOrder`: FHIR wants names that programs can use. */
export function computableName(...words: readonly string[]): string {
  return words
    .flatMap((word) => word.split(/[^A-Za-z0-9]+/))
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
}

export function canonicalUrl(base: string, type: string, id: string): string {
  return `${base}/${type}/${id}`
}

/** `hms/lab-order` → `hms-lab-order` */
export function profileId(mapping: string): string {
  return mapping.replace('/', '-')
}
