/** Two programs that do the same, in turns and in this process: how often a second, and how much CPU of Node and mongod. */
import { cpuTime } from './cpu-time.ts'
import type { BenchServices } from './services.ts'
import { median } from './statistics.ts'

const ROUNDS = 5
const ROUND_MS = 3_000
const WARM_UP_MS = 3_000

/** What one of many clients does, again and again; `turn` counts its own. */
export type Work = (client: number, turn: number) => Promise<unknown>

interface Figures {
  readonly perSecond: number
  readonly cpu: number
}

interface Setting {
  readonly services: BenchServices
  readonly clients: number
  /** of the gateway's times a second to the bare program's */
  readonly target: number
}

export async function compareInTurns(
  what: string,
  { bare, gateway }: { readonly bare: Work; readonly gateway: Work },
  setting: Setting,
): Promise<void> {
  for (const work of [bare, gateway]) await measure(work, WARM_UP_MS, setting)
  const rounds: { bare: Figures; gateway: Figures }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ bare: await measure(bare, ROUND_MS, setting), gateway: await measure(gateway, ROUND_MS, setting) })
  }
  report(what, rounds, setting.target)
}

/** Turns go on where the round before ended. */
const turns = new WeakMap<Work, number>()

async function measure(work: Work, milliseconds: number, { services, clients }: Setting): Promise<Figures> {
  const cpu = cpuTime([process.pid]) + services.mongodCpu()
  const first = turns.get(work) ?? 0
  const start = performance.now()
  let done = 0
  let last = first
  const oneClient = async (client: number): Promise<void> => {
    for (let turn = first; performance.now() - start < milliseconds; turn++) {
      await work(client, turn)
      last = Math.max(last, turn + 1)
      done++
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, client) => oneClient(client)))
  turns.set(work, last)
  const used = cpuTime([process.pid]) + services.mongodCpu() - cpu
  return { perSecond: done / ((performance.now() - start) / 1000), cpu: used / done }
}

function report(
  what: string,
  rounds: readonly { readonly bare: Figures; readonly gateway: Figures }[],
  target: number,
): void {
  console.log(`program   ${what}/s  CPU µs each`)
  const width = what.length + 2
  for (const name of ['bare', 'gateway'] as const) {
    const perSecond = median(rounds.map((round) => round[name].perSecond)).toFixed(0)
    const cpu = median(rounds.map((round) => round[name].cpu)).toFixed(0)
    console.log(`${name.padEnd(8)}  ${perSecond.padStart(width)}  ${cpu.padStart(11)}`)
  }
  const speed = median(rounds.map(({ bare, gateway }) => gateway.perSecond / bare.perSecond))
  const cpu = median(rounds.map(({ bare, gateway }) => bare.cpu / gateway.cpu))
  const verdict = speed >= target ? '' : `  under ${target}`
  console.log(`ratio     ${speed.toFixed(2).padStart(width)}  ${cpu.toFixed(2).padStart(11)}${verdict}`)
}
