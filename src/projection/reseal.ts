/**
 * Seals everything that is kept sealed anew under the first key, while gateways run: resources with their search keys,
 * versions, and the gateway's own secrets. What is in clear and a mapping seals, as versions of before it did, is sealed
 * with the rest.
 *
 * Each document is changed by itself, and only as it was read: what somebody writes meanwhile is sealed by the writer. What
 * is done is passed over, so a walk that was killed is begun again. No version is made: nothing that anybody reads changes.
 */
import type { Store } from '../store/collections.ts'
import type { Page } from '../store/sealed-pages.ts'
import { resealResources, resealVersions, sealedResources, sealedVersions } from '../store/sealed-pages.ts'
import { secretsIn } from '../store/secret-fields.ts'
import type { Plan } from './plan.ts'
import { resealedResource, resealedVersion } from './resealed.ts'
import { sealedPaths } from './sealed-parts.ts'

export interface Resealed {
  readonly resources: number
  readonly versions: number
  readonly secrets: number
  /** what does not open */
  readonly failed: readonly Failure[]
}

interface Failure {
  readonly document: string
  readonly why: string
}

/** How many documents of the collection were passed since it was called last. */
type Watch = (passed: number, collection: string) => void

export async function reseal(store: Store, plan: Plan, watch: Watch): Promise<Resealed> {
  const { seals } = store
  const [paths, types] = [sealedPaths(plan), new Set(plan.sealed.keys())]
  const failed: Failure[] = []
  const resources = await resealPages(sealedResources(store, types), failed, {
    change: (found) => resealedResource(seals, found, paths),
    write: (changes) => resealResources(store, changes),
    watch: (passed) => watch(passed, 'resources'),
  })
  const versions = await resealPages(sealedVersions(store, types), failed, {
    change: (found) => resealedVersion(seals, found, paths),
    write: (changes) => resealVersions(store, changes),
    watch: (passed) => watch(passed, 'versions'),
  })
  const secrets = await resealSecrets(store, failed)
  // They only keep two writers apart at one moment, and some are named by a blind index
  await store.guards.deleteMany({})
  return { resources, versions, secrets, failed }
}

interface Step<Found, Change> {
  readonly change: (found: Found) => Change | undefined
  readonly write: (changes: readonly Change[]) => Promise<void>
  readonly watch: (passed: number) => void
}

async function resealPages<Found extends { readonly _id: string }, Change>(
  pages: AsyncIterable<Page<Found>>,
  failed: Failure[],
  { change, write, watch }: Step<Found, Change>,
): Promise<number> {
  let count = 0
  for await (const { found, passed } of pages) {
    const changes: Change[] = []
    for (const each of found) {
      try {
        const changed = change(each)
        if (changed) changes.push(changed)
      } catch (error) {
        failed.push({ document: each._id, why: (error as Error).message })
      }
    }
    await write(changes)
    count += changes.length
    watch(passed)
  }
  return count
}

async function resealSecrets(store: Store, failed: Failure[]): Promise<number> {
  let count = 0
  for await (const secret of secretsIn(store)) {
    if (secret.kid === store.seals.kids[0]) continue
    try {
      await secret.reseal()
      count++
    } catch (error) {
      failed.push({ document: secret.collection, why: (error as Error).message })
    }
  }
  return count
}
