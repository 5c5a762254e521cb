/** Links between the resources of one commit: `urn:uuid:…` becomes the id its resource was given. */
import type { Resource } from '@medplum/fhirtypes'
import { changeLinks } from '../r4/links.ts'

export function withReferences(resource: Resource, urls: ReadonlyMap<string, string>): Resource {
  return urls.size === 0 ? resource : (changeLinks(resource, (link) => urls.get(link) ?? link) as Resource)
}
