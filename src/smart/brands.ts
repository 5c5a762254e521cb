/**
 * Whose FHIR base it is, for lists that people choose from (SMART App Launch 2.2 §User-access Brands and Endpoints). One
 * bundle a tenant: none tells of another.
 */
import type { Store } from '../store/collections.ts'
import type { Bases } from './bases.ts'

export interface Brand {
  readonly base: string
  readonly name: string
}

/** Undefined: there is no such tenant. */
export async function brandOf(store: Store, bases: Bases, tenant: string): Promise<Brand | undefined> {
  const base = bases.of(tenant)
  if ((await bases.tenantAt(base)) === undefined) return undefined
  const known = await store.tenants.findOne({ _id: tenant })
  return { base, name: known?.name ?? new URL(base).host }
}

/** How brands are known in lists of others. */
export function brandIdentifier(base: string): { readonly system: string; readonly value: string } {
  return { system: 'urn:ietf:rfc:3986', value: base }
}

export function brandBundle({ base, name }: Brand, timestamp: string): object {
  const [organization, endpoint] = [`${base}/brand/Organization`, `${base}/brand/Endpoint`]
  return {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp,
    entry: [
      {
        fullUrl: organization,
        resource: {
          ...{ resourceType: 'Organization', id: 'brand', active: true, identifier: [brandIdentifier(base)], name },
          endpoint: [{ reference: endpoint }],
        },
      },
      {
        fullUrl: endpoint,
        resource: {
          ...{ resourceType: 'Endpoint', id: 'brand', status: 'active', name, address: base },
          extension: [{ url: FHIR_VERSION, valueCode: '4.0.1' }],
          connectionType: { system: CONNECTION_TYPES, code: 'hl7-fhir-rest' },
          payloadType: [{ coding: [{ system: PAYLOAD_TYPES, code: 'none' }] }],
        },
      },
    ],
  }
}

const FHIR_VERSION = 'http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version'
const CONNECTION_TYPES = 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type'
const PAYLOAD_TYPES = 'http://terminology.hl7.org/CodeSystem/endpoint-payload-type'
