/**
 * Programs that put a gateway into trouble, on services of their own: `npm run faults`, or `npm run faults kills redis` for
 * some of them. What is printed is what was found; the first that does not hold ends it with an error.
 */
import { randomKills } from './kills.ts'
import { Clinic } from './support/clinic.ts'
import { openWorld } from './support/world.ts'
import type { World } from './support/world.ts'

/** Gives what was found, a line each. */
type Trouble = (world: World, clinic: Clinic) => Promise<string[]>

const troubles: Readonly<Record<string, Trouble>> = {
  kills: randomKills,
}

async function run(name: string, trouble: Trouble): Promise<void> {
  console.log(`${name}:`)
  const world = await openWorld()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void world.stop().finally(() => process.exit(130)))
  }
  try {
    const clinic = new Clinic(world)
    await clinic.open()
    await world.gateway.start()
    await Promise.all(world.workers.map((each) => each.start()))
    for (const line of await trouble(world, clinic)) console.log(`  ${line}`)
  } catch (error) {
    for (const each of [world.gateway, ...world.workers])
      console.error(`--- ${each.name}\n${each.text().slice(-4_000)}`)
    throw error
  } finally {
    await world.stop()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeAllListeners(signal)
  }
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(troubles, name))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}; there are ${Object.keys(troubles).join(', ')}.`)
  process.exit(2)
}
for (const [name, trouble] of Object.entries(troubles)) {
  if (asked.length === 0 || asked.includes(name)) await run(name, trouble)
}
