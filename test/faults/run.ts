/**
 * Programs that put a gateway into trouble, on services of their own: `npm run faults`, or `npm run faults kills redis` for
 * some of them. What is printed is what was found; the first that does not hold ends it with an error.
 */
import { randomKills } from './kills.ts'
import { frozen, mongodbKilled, rolled } from './programs.ts'
import { redisInTrouble } from './redis.ts'
import { restored } from './restored.ts'
import { Clinic } from './support/clinic.ts'
import type { Troubled } from './support/sending.ts'
import { openWorld } from './support/world.ts'
import type { World } from './support/world.ts'

/** Gives what was found, a line each. In this order: after the last one MongoDB is not as it was. */
type Trouble = (troubled: Troubled) => Promise<string[]>

const troubles: Readonly<Record<string, Trouble>> = {
  redis: redisInTrouble,
  mongodb: mongodbKilled,
  rolled,
  frozen,
  kills: randomKills,
  restored,
}

async function run(names: readonly string[], world: World): Promise<void> {
  const clinic = new Clinic(world)
  await clinic.open()
  await world.gateway.start()
  await Promise.all(world.workers.map((each) => each.start()))
  const subscription = await clinic.subscribe()
  for (const name of names) {
    console.log(`${name}:`)
    for (const line of await troubles[name]!({ world, clinic, subscription })) console.log(`  ${line}`)
  }
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(troubles, name))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}; there are ${Object.keys(troubles).join(', ')}.`)
  process.exit(2)
}
const names = Object.keys(troubles).filter((name) => asked.length === 0 || asked.includes(name))
const world = await openWorld()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void world.stop().finally(() => process.exit(130)))
}
try {
  await run(names, world)
} catch (error) {
  for (const each of [world.gateway, ...world.workers]) console.error(`--- ${each.name}\n${each.text().slice(-2_000)}`)
  throw error
} finally {
  await world.stop()
}
