/** A gateway with the definitions of this repository, colours of its own and a catalogue that is a row in the tenant. */
import type { CodeSystem, ConceptMap, ValueSet } from '@medplum/fhirtypes'
import { definitions } from './definitions.ts'
import type { Answer, FhirServer } from './fhir-server.ts'
import { startFhirServer } from './fhir-server.ts'

export const colours: CodeSystem = {
  resourceType: 'CodeSystem',
  status: 'active',
  url: 'urn:colours',
  version: '7',
  name: 'Colours',
  content: 'complete',
  property: [{ code: 'hex', type: 'string', description: 'As screens show it' }],
  concept: [
    {
      code: 'warm',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        {
          code: 'red',
          display: 'Red',
          definition: 'As blood is',
          designation: [
            { language: 'ar', value: 'أحمر' },
            { language: 'de-AT', value: 'Rot' },
          ],
          property: [{ code: 'hex', valueString: 'f00' }],
          concept: [{ code: 'crimson', display: 'Crimson' }],
        },
        { code: 'orange', display: 'Orange' },
      ],
    },
    { code: 'puce', display: 'Puce', property: [{ code: 'inactive', valueBoolean: true }] },
  ],
}

export const allColours: ValueSet = {
  resourceType: 'ValueSet',
  status: 'active',
  url: 'urn:vs:colours',
  version: '7',
  name: 'AllColours',
  compose: { include: [{ system: 'urn:colours' }] },
}

export const rooms: ConceptMap = {
  resourceType: 'ConceptMap',
  status: 'active',
  url: 'urn:cm:rooms',
  group: [
    {
      source: 'urn:colours',
      target: 'urn:rooms',
      element: [
        { code: 'red', target: [{ code: 'parlour', display: 'Parlour', equivalence: 'wider' }] },
        { code: 'puce', target: [{ equivalence: 'unmatched' }] },
      ],
      unmapped: { mode: 'fixed', code: 'hall' },
    },
  ],
}

export const CATEGORIES = 'https://interop.example.org/CodeSystem/sop-disease-categories'

/** What the rows of a clinic make: more than the fragment in profiles/. */
export const catalogue = {
  resourceType: 'CodeSystem',
  id: 'sop-disease-categories',
  url: CATEGORIES,
  status: 'active',
  content: 'complete',
  concept: [
    { code: 'ortho', display: 'Orthopaedics', designation: [{ language: 'ar', value: 'جراحة العظام' }] },
    { code: 'derma', display: 'Dermatology', designation: [{ language: 'ar', value: 'الأمراض الجلدية' }] },
    { code: 'cardio', display: 'Cardiology' },
  ],
}

export async function startTerminologyServer(): Promise<FhirServer> {
  const server = await startFhirServer({ definitions: [...definitions, colours, allColours, rooms] })
  await server.put(catalogue)
  return server
}

export interface Part {
  readonly name: string
  readonly part?: readonly Part[]
  readonly [value: `value${string}`]: unknown
}

export function parametersOf({ text }: Answer): readonly Part[] {
  return (JSON.parse(text) as { parameter?: readonly Part[] }).parameter ?? []
}

/** The value of a parameter or part, whatever its type. */
export function valueOf(parts: readonly Part[], name: string): unknown {
  const part = parts.find((each) => each.name === name)
  return Object.entries(part ?? {}).find(([key]) => key.startsWith('value'))?.[1]
}

export function diagnosticsOf({ json }: Answer): string {
  return json.issue?.[0]?.diagnostics ?? ''
}
