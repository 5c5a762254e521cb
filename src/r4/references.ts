/** What a Reference's text says without looking anything up (R4 references.html#literal). */
import { isResourceType } from './elements.ts'

type JsonObject = Readonly<Record<string, unknown>>

export interface ReferenceParts {
  /** Up to and with the slash before the type; empty for a relative reference. */
  readonly base: string
  readonly type: string
  readonly id: string
  readonly version?: string
}

const literal = /^((?:https?:\/\/[^#?]*\/)?)([A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/

/** `Patient/1`, `https://clinic/fhir/Patient/1/_history/2`; undefined for `#contained`, `urn:uuid:…` and anything else. */
export function parseReference(text: string): ReferenceParts | undefined {
  const match = literal.exec(text)
  if (match === null) return undefined
  const [, base = '', type = '', id = '', version] = match
  return isResourceType(type) ? { base, type, id, ...(version !== undefined && { version }) } : undefined
}

/** `resolve() is Type`, from the reference's text, its `type`, or the contained resource it names. */
export function resolvesTo(type: string, reference: JsonObject, resource: JsonObject): boolean {
  const text = reference['reference']
  // Nearly every reference is relative: this one comparison answers for them
  if (typeof text !== 'string') return reference['type'] === type
  if (text.startsWith(type) && text.charCodeAt(type.length) === 47) return true
  if (text.startsWith('#')) return containedType(text.slice(1), resource) === type
  const parts = parseReference(text)
  return (parts?.type ?? reference['type']) === type
}

function containedType(id: string, resource: JsonObject): unknown {
  const contained: unknown = resource['contained']
  if (!Array.isArray(contained)) return undefined
  return (contained as (JsonObject | null)[]).find((it) => it?.['id'] === id)?.['resourceType']
}
