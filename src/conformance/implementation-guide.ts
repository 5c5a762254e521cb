/** The ImplementationGuide: the table of contents of the definitions (https://hl7.org/fhir/R4/implementationguide.html). */
import type { ImplementationGuide, ImplementationGuideDefinitionResource, Resource } from '@medplum/fhirtypes'
import type { Definition } from './canonical.ts'
import { canonicalUrl, PUBLISHER } from './canonical.ts'

/** Id of the FHIR package, which is also the guide's. */
export const PACKAGE_ID = 'isthmus.fhir.r4'
const GUIDE = 'isthmus'

export interface GuideExample {
  readonly resource: Resource
  readonly profile: string | undefined
}

export function implementationGuide(
  definitions: readonly Definition[],
  { base, version }: { readonly base: string; readonly version: string },
  examples: readonly GuideExample[] = [],
): Definition {
  const guide: ImplementationGuide = {
    resourceType: 'ImplementationGuide',
    id: GUIDE,
    url: canonicalUrl(base, 'ImplementationGuide', GUIDE),
    version,
    name: 'Isthmus',
    title: 'What an Isthmus gateway gives',
    status: 'active',
    publisher: PUBLISHER,
    description:
      'Profiles of the resources that the gateway makes of rows, their extensions, and the code tables between the words of the sources and FHIR. Most of it is made of the mappings.',
    packageId: PACKAGE_ID,
    license: 'Apache-2.0',
    fhirVersion: ['4.0.1'],
    definition: { resource: [...definitions.map(definitionEntry), ...examples.map(exampleEntry)] },
  }
  return guide as ImplementationGuide & Definition
}

function definitionEntry(definition: Definition): ImplementationGuideDefinitionResource {
  const { name, title, description } = definition as { name?: string; title?: string; description?: string }
  return {
    reference: { reference: `${definition.resourceType}/${definition.id}` },
    name: title ?? name ?? definition.id,
    ...(description !== undefined && { description }),
    exampleBoolean: false,
  }
}

function exampleEntry({ resource, profile }: GuideExample): ImplementationGuideDefinitionResource {
  const place = `${resource.resourceType}/${resource.id ?? ''}`
  return {
    reference: { reference: place },
    name: place,
    ...(profile === undefined ? { exampleBoolean: true } : { exampleCanonical: profile }),
  }
}
