/**
 * Where a create goes, first that fits: the mapping whose profile it claims; the system that owns the row it is about,
 * there the mapping that accepts it; what routing.yaml names for tenant and type; else it is stored as it is.
 */
import type { Resource } from '@medplum/fhirtypes'
import type { Lens } from '../mapping/lens.ts'
import type { Routing } from '../mapping/routing.ts'
import { parseReference } from '../r4/references.ts'
import { readTenants } from '../store/projected.ts'
import { findAmong } from '../store/reads.ts'
import type { BatchRow } from './batch.ts'
import type { CollectionPlan } from './plan.ts'
import type { WriteScope } from './write-scope.ts'

export interface CreatePlace {
  readonly lens: Lens
  readonly plan: CollectionPlan
  readonly tenant: BatchRow['tenant']
}

/** Undefined: no source takes it. */
export async function createPlace(
  scope: WriteScope,
  routing: Routing,
  sent: Resource,
): Promise<CreatePlace | undefined> {
  const places = await placesFor(scope, sent.resourceType)
  if (places.length === 0) return undefined
  const claimed = places.find(({ lens }) => lens.profiles.some((url) => sent.meta?.profile?.includes(url)))
  if (claimed) return claimed
  const owner = await ownerOf(scope, sent)
  const accepting = places.filter(({ lens }) => lens.writes.accepts(sent))
  const owned = owner && accepting.find(({ plan }) => plan.instance === owner)
  if (owned) return owned
  const system = (routing[scope.permit.tenant] ?? routing['*'])?.[sent.resourceType]
  return accepting.find(({ plan }) => plan.source.system.system === system)
}

/** Every mapping that takes creates of this type, of the sources of this tenant. */
async function placesFor({ store, plan, permit, session }: WriteScope, type: string): Promise<CreatePlace[]> {
  const lenses = [...plan.collections.values()].flatMap((collection) =>
    collection.lenses
      .filter((lens) => lens.type === type && lens.writes.creates)
      .map((lens) => ({ lens, plan: collection })),
  )
  if (lenses.length === 0) return []
  const [tenant] = await readTenants(store, { slugs: [permit.tenant] }, session)
  return lenses.flatMap(({ lens, plan: collection }) => {
    const { source, instance } = collection
    if (!source.system.tenant)
      return source.tenant === permit.tenant ? [{ lens, plan: collection, tenant: { slug: permit.tenant } }] : []
    return tenant?.instance === instance
      ? [{ lens, plan: collection, tenant: { slug: tenant._id, key: tenant.key } }]
      : []
  })
}

/** The source instance of the first resource that the sent one is about. */
async function ownerOf({ store, permit, session }: WriteScope, sent: Resource): Promise<string | undefined> {
  for (const reference of subjectsOf(sent)) {
    const parts = parseReference(reference)
    if (!parts) continue
    const _id = `${permit.tenant}/${parts.type}/${parts.id}`
    const [found] = await findAmong(session, store.resources, '_id', [_id], { projection: { t: 1, origin: 1 } })
    if (found?.t === permit.tenant && found.origin) return found.origin.instance
  }
  return undefined
}

interface Pointer {
  readonly reference?: string
}

interface Subjects {
  readonly subject?: Pointer
  readonly focus?: Pointer
  readonly patient?: Pointer
  readonly context?: { readonly related?: readonly Pointer[] }
  readonly participant?: readonly { readonly actor?: Pointer }[]
}

function subjectsOf(sent: Resource): string[] {
  const { subject, patient, context, participant, focus } = sent as unknown as Subjects
  const pointers = [subject, patient, ...(context?.related ?? []), participant?.[0]?.actor, focus]
  return pointers.flatMap((pointer) => pointer?.reference ?? [])
}
