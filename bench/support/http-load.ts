/** Programs that answer HTTP, each a process of its own, asked by one that loads them: how fast, and for how much CPU. */
import type { ChildProcess } from 'node:child_process'
import { hear, startChild, stopChild } from './child.ts'
import { cpuTime } from './cpu-time.ts'
import type { Asked, LoadOrder, LoadResult } from './load.ts'
import type { BenchServices } from './services.ts'

export interface Server {
  readonly name: string
  readonly port: number
  readonly pid: number
}

export interface Figures {
  readonly perSecond: number
  /** microseconds a request of server and mongod together */
  readonly cpu: number
  /** of the server alone */
  readonly own: number
  /** milliseconds */
  readonly p50: number
  readonly p95: number
}

export interface HttpLoad {
  start(name: string, program: URL, args?: readonly string[]): Promise<Server>
  measure(server: Server, connections: number, milliseconds: number, paths: readonly Asked[]): Promise<Figures>
  stop(): Promise<void>
}

/** The gateway's HTTP side, as `start` takes it. */
export const HTTP_SIDE = new URL('http-side.ts', import.meta.url)

export function httpLoad(services: BenchServices, database: string): HttpLoad {
  const load = startChild(new URL('load.ts', import.meta.url))
  const children: ChildProcess[] = [load]
  return {
    async start(name, program, args = []) {
      const child = startChild(program, [services.mongodbUri, database, ...args])
      children.push(child)
      return { name, port: await hear<number>(child), pid: child.pid ?? NaN }
    },
    async measure({ port, pid }, connections, milliseconds, paths) {
      const before = { mongod: services.mongodCpu(), own: cpuTime([pid]) }
      load.send({ port, connections, milliseconds, paths } satisfies LoadOrder)
      const { requests, seconds, p50, p95 } = await hear<LoadResult>(load)
      const own = (cpuTime([pid]) - before.own) / requests
      return {
        perSecond: requests / seconds,
        cpu: own + (services.mongodCpu() - before.mongod) / requests,
        own,
        p50,
        p95,
      }
    },
    async stop() {
      await Promise.all(children.map(stopChild))
    },
  }
}
