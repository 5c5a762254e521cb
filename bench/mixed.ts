/**
 * Memory of the gateway under a mixed load: `node bench/mixed.ts --minutes 10`.
 *
 * Creates (10 %), reads (60 %), updates (25 %) and deletes (5 %) of resources stored natively, over HTTP. The resident set is
 * looked at every second; the slope of what is left after the first quarter says whether it grows.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startGateway } from './support/gateway.ts'
import { patient } from './support/patients.ts'
import { startBenchServices } from './support/services.ts'
import { median } from './support/statistics.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, clients: { type: 'string', default: '16' } },
})

const MINUTES = Number(values.minutes)
/** At the least, so that deletes never empty the database. */
const KEPT = 500
const MEGABYTE = 1024 * 1024

interface Sample {
  readonly minute: number
  readonly megabytes: number
}

const services = await startBenchServices()
const gateway = await startGateway(services)
try {
  const start = performance.now()
  const end = start + MINUTES * 60_000
  const samples: Sample[] = []
  const counts = new Map<string, number>()
  const ids: string[] = []
  const clients = Array.from({ length: Number(values.clients) }, () => work(ids, counts, end))
  await Promise.all([...clients, sample(samples, start, end)])
  report(samples, counts)
} finally {
  await gateway.stop()
  await services.stop()
}

async function work(ids: string[], counts: Map<string, number>, end: number): Promise<void> {
  while (performance.now() < end) {
    const interaction = next(ids)
    const place = Math.floor(Math.random() * ids.length)
    const id = interaction === 'delete' ? ids.splice(place, 1)[0] : ids[place]
    const status = await ask(interaction, id ?? '', ids)
    const name = status < 300 ? interaction : `${interaction} ${status}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
}

function next(ids: readonly string[]): 'create' | 'read' | 'update' | 'delete' {
  const chance = ids.length < KEPT ? 0 : Math.random()
  if (chance < 0.1) return 'create'
  if (chance < 0.7) return 'read'
  return chance < 0.95 ? 'update' : 'delete'
}

async function ask(interaction: string, id: string, ids: string[]): Promise<number> {
  const url = `${gateway.url}/fhir/R4/Basic`
  if (interaction === 'read') return drained(await fetch(`${url}/${id}`))
  if (interaction === 'delete') return drained(await fetch(`${url}/${id}`, { method: 'DELETE' }))
  const headers = { 'Content-Type': 'application/fhir+json' }
  if (interaction === 'update') {
    return drained(await fetch(`${url}/${id}`, { method: 'PUT', headers, body: JSON.stringify(basic(id)) }))
  }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(basic()) })
  if (answer.status === 201) ids.push(((await answer.clone().json()) as { id: string }).id)
  return drained(answer)
}

async function drained(answer: Response): Promise<number> {
  await answer.arrayBuffer()
  return answer.status
}

/** Of a type no source holds, with a text as long as a Patient. */
function basic(id?: string): object {
  const note = JSON.stringify(patient(Math.floor(Math.random() * 1_000_000)))
  return {
    resourceType: 'Basic',
    ...(id !== undefined && { id }),
    code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/basic-resource-type', code: 'referral' }] },
    extension: [{ url: 'https://interop.example.org/StructureDefinition/note', valueString: note }],
    subject: { reference: `Patient/${Math.floor(Math.random() * 1000)}` },
  }
}

async function sample(samples: Sample[], start: number, end: number): Promise<void> {
  while (performance.now() < end) {
    await sleep(1_000)
    samples.push({ minute: (performance.now() - start) / 60_000, megabytes: residentBytes(gateway.pid) / MEGABYTE })
  }
}

/** proc(5) */
function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

function report(samples: readonly Sample[], counts: ReadonlyMap<string, number>): void {
  for (const [name, count] of [...counts].sort()) console.log(`${name.padEnd(12)} ${count}`)
  for (let minute = 0; minute < MINUTES; minute++) {
    const within = samples.filter((each) => Math.floor(each.minute) === minute).map(({ megabytes }) => megabytes)
    console.log(`minute ${minute + 1}: ${median(within).toFixed(0)} MB`)
  }
  const settled = samples.slice(samples.length >> 2)
  console.log(`slope after the first quarter: ${slope(settled).toFixed(2)} MB a minute`)
}

/** Least squares. */
function slope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, each) => sum + of(each), 0) / samples.length
  const [minute, megabytes] = [mean((each) => each.minute), mean((each) => each.megabytes)]
  const covariance = mean((each) => (each.minute - minute) * (each.megabytes - megabytes))
  return covariance / mean((each) => (each.minute - minute) ** 2)
}
