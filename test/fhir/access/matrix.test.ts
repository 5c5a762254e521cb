/**
 * The attack matrix: everybody there is asks for everything there is on every path, and each answer is held against an
 * oracle that reads the resources themselves (docs/access.md, How it is tested). Generated: a new resource, operation or
 * asker is in it by itself. ISTHMUS_MATRIX='mother of p2 GET Patient/p1' runs only the cases whose names hold that text.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { atOnce } from '../../support/at-once.ts'
import { nameOf } from './matrix/case.ts'
import type { Case, Verdict } from './matrix/case.ts'
import { clientOf } from './matrix/client.ts'
import type { Ask, Client, Reply } from './matrix/client.ts'
import { batchCases } from './matrix/bundles.ts'
import { exportFailures, exportsOf } from './matrix/exports.ts'
import { graphqlCases } from './matrix/graphql.ts'
import { linkCases, linksIn } from './matrix/links.ts'
import { operationCases } from './matrix/operations.ts'
import { askersOf, patientOfDemo, strangersOf } from './matrix/people.ts'
import { readCases } from './matrix/reads.ts'
import { strangerCases } from './matrix/strangers.ts'
import { writeCases } from './matrix/writes.ts'
import { searchCases } from './matrix/searches.ts'
import { viewOf } from './matrix/seen.ts'
import type { View } from './matrix/seen.ts'
import { startGateway } from './matrix/world.ts'
import type { Gateway, Held } from './matrix/world.ts'

/** Few enough to be kind to a small machine. */
const CONNECTIONS = 16
const LEAST = 5_000
/** Of one test, on a machine that does other things as well. */
const PATIENCE = 300_000
/** A tenant has no more of them open. */
const EXPORTS = 4
const only = process.env['ISTHMUS_MATRIX']

let gateway: Gateway
let client: Client
let all: ReadonlyMap<string, Held>
let views: View[]
let asked = 0

beforeAll(async () => {
  gateway = await startGateway()
  client = clientOf(gateway.server.origin, CONNECTIONS)
  const ofDemo = heldBy('demo', await gateway.held()).current.get('Patient')?.[0]?.id ?? ''
  const askers = await askersOf(gateway.server, [patientOfDemo(ofDemo)])
  // Who opened a record in an emergency left a notice in it
  all = await gateway.held()
  views = askers.map((asker) => viewOf(asker, heldBy(asker.tenant, all)))
}, PATIENCE)

afterAll(async () => {
  client.close()
  await gateway.stop()
})

function heldBy(tenant: string, by: typeof all): Held {
  const held = by.get(tenant)
  if (!held) throw new Error(`There is nothing of the tenant ${tenant}.`)
  return held
}

/** Some of them; everybody asks others. */
function thinned(cases: readonly Case[], step: number, from: number): Case[] {
  return cases.filter((_, index) => index % step === from % step)
}

/** What failed, a line each. */
async function failures(cases: readonly Case[]): Promise<string[]> {
  const wanted = cases.filter((each) => only === undefined || nameOf(each).includes(only))
  asked += wanted.length
  const nevers = new Map<string, Promise<Reply>>()
  const found = await atOnce(wanted, (each) => failure(each, nevers), CONNECTIONS)
  return found.flatMap((each) => each ?? [])
}

async function failure(
  { by, ask, never, ...rest }: Case,
  nevers: Map<string, Promise<Reply>>,
): Promise<string | undefined> {
  const key = JSON.stringify([by.name, never])
  if (never && !nevers.has(key)) nevers.set(key, answerTo(by, never))
  const reply = await answerTo(by, ask)
  const wrong = verdictOf(rest.wants, reply, (await nevers.get(key)) ?? reply)
  return wrong === undefined ? undefined : `${nameOf({ by, ask, ...rest })}: ${wrong}`
}

/** On a machine that is busy with other things a database may be slow: that is no answer. */
async function answerTo(by: Case['by'], ask: Ask): Promise<Reply> {
  for (let tries = 0; ; tries++) {
    const reply = await client.send(by.base, ask, by.headers)
    if (![503, 504].includes(reply.status) || tries === 5) return reply
    await sleep(500 * tries)
  }
}

function verdictOf(wants: Verdict, reply: Reply, never: Reply): string | undefined {
  try {
    return wants(reply, never)
  } catch (error) {
    return `${String(error)}: ${reply.text.slice(0, 200)}`
  }
}

test(
  'reads, versions and histories of every resource, by everybody',
  async () => {
    expect(await failures(views.flatMap((view, index) => thinned(readCases(view), 8, index)))).toEqual([])
  },
  PATIENCE,
)

test(
  'searches and histories of every type, every compartment and everything',
  async () => {
    expect(await failures(views.flatMap((view, index) => thinned(searchCases(view), 18, index)))).toEqual([])
  },
  PATIENCE,
)

test(
  'chains, _has and includes along every link there is',
  async () => {
    const links = new Map([...all].map(([tenant, held]) => [tenant, linksIn(held)]))
    const cases = views.flatMap((view, index) =>
      thinned(linkCases(view, links.get(view.asker.tenant) ?? []), 23, index),
    )
    expect(await failures(cases)).toEqual([])
  },
  PATIENCE,
)

test(
  'every operation at every place',
  async () => {
    expect(await failures(views.flatMap((view, index) => thinned(operationCases(view), 5, index)))).toEqual([])
  },
  PATIENCE,
)

test(
  'GraphQL finds what REST finds',
  async () => {
    expect(await failures(views.flatMap((view, index) => thinned(graphqlCases(view), 9, index)))).toEqual([])
  },
  PATIENCE,
)

test(
  'entries of batches and transactions are answered as the requests they stand for',
  async () => {
    const cases = views.flatMap((view, index) => [
      ...batchCases(view, thinned([...readCases(view), ...searchCases(view)], 61, index + 1), 'batch'),
      ...batchCases(view, thinned(readCases(view), 61, index + 2), 'transaction'),
    ])
    expect(await failures(cases)).toEqual([])
  },
  PATIENCE,
)

test(
  'writes that are not allowed are refused, and tell nothing',
  async () => {
    expect(await failures(views.flatMap((view, index) => thinned(writeCases(view), 5, index)))).toEqual([])
  },
  PATIENCE,
)

test(
  'who has no good token is told that and nothing else',
  async () => {
    expect(
      await failures(
        strangerCases(
          await strangersOf(
            gateway.server,
            views.map(({ asker }) => asker),
          ),
        ),
      ),
    ).toEqual([])
  },
  PATIENCE,
)

test(
  'exports hold what their asker may search, and are for nobody else',
  async () => {
    const wanted = exportsOf(views).filter(
      ({ view, path }) => only === undefined || `${view.asker.name} ${path}`.includes(only),
    )
    const askers = views.map(({ asker }) => asker)
    asked += wanted.length
    const wrong = await atOnce(
      wanted,
      (each) => {
        const others = askers.filter(({ name }) => name !== each.view.asker.name)
        return exportFailures(
          client,
          each,
          [others.at(0), others.at(-1)].filter((other) => other !== undefined),
        )
      },
      EXPORTS,
    )
    expect(wrong.flat()).toEqual([])
  },
  PATIENCE,
)

test('after all that, everything is as it was', async () => {
  const versions = await gateway.server.store.versions.countDocuments()
  const before = [...all.values()].flatMap((held) => [...held.versions.values()].flat())
  expect(versions).toBe(before.length)
})

test('there are enough of them', () => {
  if (only === undefined) expect(asked).toBeGreaterThanOrEqual(LEAST)
})
