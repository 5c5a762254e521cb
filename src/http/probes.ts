/** Whether a program lives and is ready, and its figures (Prometheus): open to probes, and nothing of anybody is in them. */
import express from 'express'
import type { Express, Request, Response } from 'express'
import { registry } from '../kernel/metrics.ts'
import type { Answer } from './answer.ts'
import { outcomeText, FHIR_JSON } from './outcome.ts'
import { send } from './send.ts'

export type Ready = () => Promise<{ readonly ready: boolean } & Readonly<Record<string, unknown>>>

export function addProbes(app: Express, ready: Ready): void {
  app.get('/health/live', (request, response) => send(request, response, json(200, { status: 'live' })))
  app.get('/health/ready', async (request, response) => {
    const state = await ready()
    send(request, response, json(state.ready ? 200 : 503, state))
  })
  app.get('/metrics', async (request, response) => {
    const body = await registry.metrics()
    send(request, response, { status: 200, headers: { 'Content-Type': registry.contentType }, body })
  })
}

/** Of a program that answers nothing else. */
export function probesAlone(ready: Ready): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  addProbes(app, ready)
  app.use(sendNotFound)
  return app
}

export function sendNotFound(request: Request, response: Response): void {
  const body = outcomeText({ severity: 'error', code: 'not-found', diagnostics: 'There is nothing at this address.' })
  send(request, response, { status: 404, headers: { 'Content-Type': FHIR_JSON }, body })
}

function json(status: number, content: object): Answer {
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(content) }
}
