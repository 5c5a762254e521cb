/** `isthmus seal`: under which keys what is stored is sealed, and sealing all of it anew under the first. */
import { Command } from 'commander'
import { StartError } from '../kernel/errors.ts'
import type { Plan } from '../projection/plan.ts'
import type { Resealed } from '../projection/reseal.ts'
import { reseal } from '../projection/reseal.ts'
import type { SealedCount } from '../projection/sealed-count.ts'
import { countSealed } from '../projection/sealed-count.ts'
import { linksByKey } from '../store/audit-chain.ts'
import type { Store } from '../store/collections.ts'
import { isOwnerDead } from '../store/owner.ts'
import { registerProgram } from '../store/program.ts'
import { claimKeys, forgetOlderKeys, keysInUse } from '../store/seals-in-use.ts'
import { othersSealing } from '../store/writers.ts'
import { withMappingsInForce } from './active-mappings.ts'
import { readContext } from './context.ts'
import type { Context } from './context.ts'
import { putOnRecord } from './on-record.ts'
import { progressBar } from './progress.ts'
import { planFor } from './sources.ts'
import { withStore } from './with-store.ts'

interface Options {
  readonly json?: boolean
}

const MOST_FAILURES = 20
/** Where others write all the time, one may find something again. */
const MOST_WALKS = 5

function withPlan(work: (store: Store, plan: Plan, context: Context) => Promise<void>): Promise<void> {
  const folder = readContext()
  return withStore(async (store) => {
    const context = await withMappingsInForce(folder, store)
    await work(store, planFor(context), context)
  })
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const status = new Command('status')
  .description('which keys there are, and how many stored values are sealed with each or still in clear')
  .option('--json', 'print it as JSON')
  .action(({ json }: Options) =>
    withPlan(async (store, plan) => {
      const { kids: claimed = [] } = await keysInUse(store)
      const [values, audit] = [await countSealed(store, plan), await linksByKey(store)]
      const keys = { configured: store.seals.kids, missing: claimed.filter((kid) => !store.seals.kids.includes(kid)) }
      if (json) say(JSON.stringify({ keys, values, audit }))
      else for (const line of [...keyLines(keys, values), ...valueLines(values), ...auditLines(audit)]) say(line)
    }),
  )

interface Keys {
  readonly configured: readonly string[]
  /** with which something may be sealed, and which are not configured */
  readonly missing: readonly string[]
}

function keyLines({ configured, missing }: Keys, values: readonly SealedCount[]): string[] {
  const countOf = (kid: string): number => values.reduce((sum, each) => sum + (each.kid === kid ? each.count : 0), 0)
  const role = (index: number): string => (index === 0 ? 'seals' : 'only opens')
  return [
    ...configured.map((kid, index) => `key ${kid} ${role(index)}: ${countOf(kid)} values`),
    ...missing.map((kid) => `key ${kid} is MISSING: ${countOf(kid)} values; add it to ISTHMUS_ENCRYPTION_KEYS again`),
    ...(configured.length === 0 ? ['There is no key: name a file of keys in ISTHMUS_ENCRYPTION_KEYS.'] : []),
  ]
}

function valueLines(values: readonly SealedCount[]): string[] {
  return values.map(({ collection, field, kid, count }) => `  ${collection} ${field}: ${count} ${kid}`)
}

function auditLines(audit: Readonly<Record<string, number>>): string[] {
  return Object.entries(audit).map(([kid, count]) => `  audit: ${count} links of the chain ${kid}`)
}

const rotate = new Command('rotate')
  .description('seal everything anew under the first key, while gateways run')
  .option('--json', 'print what was done as JSON')
  .action(({ json }: Options) =>
    withPlan(async (store, plan, { config }) => {
      const [kid] = store.seals.kids
      if (kid === undefined) {
        throw new StartError('There is no key to seal with: name a file of keys in ISTHMUS_ENCRYPTION_KEYS.')
      }
      await claimKeys(store)
      await assertSameKey(store, kid)
      await putOnRecord(store, { tenant: 'default', kind: 'seal', action: 'U', query: `rotate to ${kid}` })
      const writer = await registerProgram(store, config.limits)
      try {
        const { done, isAll } = await resealed(store, plan)
        const { [kid]: _, ...audit } = await linksByKey(store)
        if (json) say(JSON.stringify({ key: kid, ...done, olderKeysNeeded: !isAll, audit }))
        else for (const line of described(kid, done, isAll, Object.keys(audit))) say(line)
        if (!isAll) process.exitCode = 1
      } finally {
        await writer.stop()
      }
    }),
  )

/** What another program seals with an older key while this one walks would be left behind. */
async function assertSameKey(store: Store, kid: string): Promise<void> {
  const [other] = await othersSealing(store, isOwnerDead)
  if (other === undefined) return
  const named = other === '' ? 'without a key' : `with the key ${other}`
  throw new StartError(
    `A gateway or worker that runs seals ${named}, this command with ${kid}: ` +
      'put that key first in the file of every one of them, start them again, and then rotate.',
  )
}

/** Until a walk finds nothing to do: then the older keys are not needed, unless somebody has begun with one meanwhile. */
async function resealed(store: Store, plan: Plan): Promise<{ readonly done: Resealed; readonly isAll: boolean }> {
  const total = (await store.resources.estimatedDocumentCount()) + (await store.versions.estimatedDocumentCount())
  const sum = { resources: 0, versions: 0, secrets: 0 }
  const progress = progressBar()
  for (let walks = 1; ; walks++) {
    const before = await keysInUse(store)
    let passed = 0
    const { failed, ...found } = await reseal(store, plan, (count, collection) => {
      passed += count
      progress.show(passed, total, 'documents', collection)
    })
    for (const kind of ['resources', 'versions', 'secrets'] as const) sum[kind] += found[kind]
    const isDone = failed.length === 0 && Object.values(found).every((count) => count === 0)
    if (!isDone && failed.length === 0 && walks < MOST_WALKS) continue
    progress.end()
    const isAlone = isDone && (await othersSealing(store, isOwnerDead)).length === 0
    return { done: { ...sum, failed }, isAll: isAlone && (await forgetOlderKeys(store, before)) }
  }
}

function described(kid: string, done: Resealed, isAll: boolean, audit: readonly string[]): string[] {
  const { resources, versions, secrets, failed } = done
  const left = failed.slice(0, MOST_FAILURES).map(({ document, why }) => `  ${document}: ${why}`)
  const chain = audit.filter((key) => key !== '').join(', ')
  return [
    `Sealed anew with the key ${kid}: ${resources} resources, ${versions} versions, ${secrets} secrets.`,
    ...(failed.length > 0 ? [`${failed.length} could not be opened and are as they were:`, ...left] : []),
    isAll
      ? `No other key is needed to read what is stored${chain === '' ? '.' : `; "isthmus audit verify" needs ${chain} as well.`}`
      : 'Older keys are needed still: keep them in the file.',
  ]
}

export const sealCommand = new Command('seal')
  .description('the keys that stored secrets and sealed fields are encrypted with: status, rotate')
  .addCommand(status, { isDefault: true })
  .addCommand(rotate)
