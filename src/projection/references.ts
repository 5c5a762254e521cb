/** References between the resources of one commit: `urn:uuid:…` becomes the id its resource was given. */
import type { Resource } from '@medplum/fhirtypes'
import { isObject } from '../mapping/beside.ts'

export function withReferences(resource: Resource, urls: ReadonlyMap<string, string>): Resource {
  return urls.size === 0 ? resource : (resolved(resource, urls) as Resource)
}

function resolved(value: unknown, urls: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, urls))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === 'reference' && typeof member === 'string' ? (urls.get(member) ?? member) : resolved(member, urls),
    ]),
  )
}
