/** `isthmus status`: what is there, how far the projection is, and which rows cannot be mapped. */
import { Command } from 'commander'
import type { SystemStatus } from '../projection/status.ts'
import { countBehind, projectionState, systemStatus } from '../projection/status.ts'
import { openOwnStore } from './seals.ts'
import { connect } from '../store/connection.ts'
import type { ProblemDocument } from '../store/documents.ts'
import { readBuilding } from '../store/indexing.ts'
import type { BuildingState } from '../store/indexing.ts'
import { readActiveMappings } from '../store/mapping-sets.ts'
import type { OwedFigures } from '../store/owed.ts'
import { countOwed } from '../store/owed.ts'
import { countParked } from '../store/parked.ts'
import { readProblems } from '../store/problems.ts'
import type { SubscriptionFigures } from '../store/subscription-figures.ts'
import { subscriptionFigures } from '../store/subscription-figures.ts'
import { withMappingsInForce } from './active-mappings.ts'
import { readContext } from './context.ts'
import { problemJson, problemLine } from './problem-text.ts'
import { findServices } from './services.ts'
import { planFor, sourcesOf } from './sources.ts'

const MOST_PROBLEMS = 100

export const statusCommand = new Command('status')
  .description('show what is projected, how far, and which rows cannot be mapped')
  .option('--json', 'print it as JSON')
  .action(async ({ json = false }: { json?: boolean }) => {
    const folder = readContext()
    const { mongodbUri, redisUrl } = findServices(folder.config)
    const client = await connect(mongodbUri)
    try {
      const store = await openOwnStore(client, folder.config)
      const context = await withMappingsInForce(folder, store)
      const plan = planFor(context)
      const { caughtUp: ready } = await projectionState(store, plan)
      const mappings = {
        inForce: (await readActiveMappings(store))?.active ?? '',
        behind: await countBehind(store, plan),
      }
      const systems = await systemStatus(store, sourcesOf(context))
      const building = await readBuilding(store)
      const owed = await countOwed(store)
      const [subscriptions, parked] = [await subscriptionFigures(store), await countParked(store)]
      const problems = await readProblems(store, MOST_PROBLEMS)
      const found = { ready, mappings, systems, building, owed, subscriptions, parked, problems }
      if (json)
        process.stdout.write(
          `${JSON.stringify({ ...found, mongodbUri, redisUrl, problems: problems.map(problemJson) })}\n`,
        )
      else process.stdout.write(describe(found))
    } finally {
      await client.close()
    }
  })

interface MappingsStatus {
  readonly inForce: string
  /** collections to which they are not applied yet */
  readonly behind: number
}

interface Described {
  readonly ready: boolean
  readonly mappings: MappingsStatus
  readonly systems: Readonly<Record<string, SystemStatus>>
  readonly building: readonly BuildingState[]
  readonly owed: Readonly<Record<string, OwedFigures>>
  readonly subscriptions: SubscriptionFigures
  /** versions, by who failed at them */
  readonly parked: Readonly<Record<string, number>>
  readonly problems: readonly ProblemDocument[]
}

function describe({ ready, mappings, systems, building, owed, subscriptions, parked, problems }: Described): string {
  const { inForce, behind } = mappings
  const lines = Object.entries(systems).map(
    ([name, { documents, resources, problems: count, late, lagMs }]) =>
      `${name}: ${documents} documents, ${resources} resources, ${count} problems, ${late} late, ${lagMs} ms behind`,
  )
  const listed = problems.map((problem) => `  ${problemLine(problem)}`)
  const heading = listed.length > 0 ? ['Rows that cannot be mapped:'] : []
  const rest = listed.length === MOST_PROBLEMS ? ['The first of them; "isthmus problems" lists all.'] : []
  const left = `mappings ${inForce}: still to be applied to ${behind} collection${behind === 1 ? '' : 's'}`
  return [
    ready ? 'ready' : 'not ready',
    ...(behind > 0 ? [left] : []),
    ...lines,
    ...building.map(buildingLine),
    ...Object.entries(owed).map(owedLine),
    ...subscriptionLines(subscriptions),
    ...Object.entries(parked).map(([name, count]) => `${name}: ${count} versions parked; "isthmus parked" lists them`),
    ...heading,
    ...listed,
    ...rest,
    '',
  ].join('\n')
}

function owedLine([kind, { owed, overdue, failed, late }]: [string, OwedFigures]): string {
  return `${kind}: ${owed} owed, ${overdue} overdue, ${failed} failed, ${late} late and never sent`
}

function subscriptionLines({ on, failing, waiting, lagMs, dead }: SubscriptionFigures): string[] {
  if (on + failing + dead === 0) return []
  const late = waiting === 0 ? '' : `, the oldest for ${lagMs} ms`
  return [`subscriptions: ${on} on, ${failing} in error, ${waiting} events wait${late}, ${dead} set aside`]
}

function buildingLine({ type, codes, done, total, waits }: BuildingState): string {
  const far = waits ? 'waits for a program with other search parameters to end' : `${done} of ${total} resources done`
  return `building search parameters of ${type}: ${codes.join(', ')}: ${far}`
}
