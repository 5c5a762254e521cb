/**
 * The express application around the FHIR API: tenants, probes, metrics, errors, one log line a request.
 *
 * A read passes through as little as possible: one router match, one handler, one write.
 */
import type { IncomingMessage } from 'node:http'
import express from 'express'
import type { Express, NextFunction, Request, Response } from 'express'
import { GatewayError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import { registry, requests } from '../kernel/metrics.ts'
import type { Answer, FhirHandler, FhirRequest } from './answer.ts'
import { errorAnswer, isDefect, outcomeText, FHIR_JSON } from './outcome.ts'
import { isJsonType, prettyJson } from './media.ts'

export interface AppOptions {
  readonly fhir: FhirHandler
  /** public origin, such as http://127.0.0.1:8080 */
  origin(): string
  /** does this tenant exist? `default` always does */
  hasTenant(slug: string): Promise<boolean>
  ready(): Promise<{ readonly ready: boolean } & Readonly<Record<string, unknown>>>
  readonly log: Logger
}

export const FHIR_BASE = '/fhir/R4'
const FORM_LIMIT = '64kb'
/** Larger bundles are refused before they are read. */
const JSON_LIMIT = '16mb'
const FORM = 'application/x-www-form-urlencoded'

export function createApp(options: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.set('case sensitive routing', true)
  const bodies = [express.text({ type: FORM, limit: FORM_LIMIT }), express.text({ type: isJson, limit: JSON_LIMIT })]
  app.use(FHIR_BASE, bodies, (request: Request, response: Response) =>
    serveFhir(options, request, response, 'default', FHIR_BASE),
  )
  // Before anything is read of the request: whatever is asked of a tenant that is not there, the answer is the same
  app.use('/t/:slug', async (request: Request<{ slug: string }>, response: Response, next: NextFunction) => {
    const { slug } = request.params
    if (slug === 'default' || (await options.hasTenant(slug))) next()
    else sendNotFound(request, response)
  })
  app.use(`/t/:slug${FHIR_BASE}`, bodies, (request: Request<{ slug: string }>, response: Response) => {
    const { slug } = request.params
    return serveFhir(options, request, response, slug, slug === 'default' ? FHIR_BASE : `/t/${slug}${FHIR_BASE}`)
  })
  app.get('/health/live', (request, response) => send(request, response, json(200, { status: 'live' })))
  app.get('/health/ready', async (request, response) => {
    const state = await options.ready()
    send(request, response, json(state.ready ? 200 : 503, state))
  })
  app.get('/metrics', async (request, response) => {
    const body = await registry.metrics()
    send(request, response, { status: 200, headers: { 'Content-Type': registry.contentType }, body })
  })
  app.use((request, response) => sendNotFound(request, response))
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) {
      next(error)
      return
    }
    const known = bodyError(error)
    if (isDefect(known)) options.log.error({ err: known }, 'request failed')
    send(request, response, errorAnswer(known))
  })
  return app
}

/** UTF-8 only (R4 json.html): anything else would be another text. */
function isJson(request: IncomingMessage): boolean {
  return isJsonType(request.headers['content-type'])
}

async function serveFhir(
  options: AppOptions,
  request: Request,
  response: Response,
  tenant: string,
  base: string,
): Promise<void> {
  const start = performance.now()
  let answer: Answer
  let pretty = false
  try {
    const fhirRequest = readRequest(request, tenant, options.origin() + base)
    pretty = fhirRequest.query.some(([name, value]) => name === '_pretty' && value === 'true')
    answer = await options.fhir(fhirRequest)
    for (const defect of answer.defects ?? []) options.log.error({ err: defect }, 'request failed')
  } catch (error) {
    answer = errorAnswer(error)
    if (isDefect(error)) options.log.error({ err: error }, 'request failed')
  }
  send(request, response, answer, pretty)
  record(options.log, answer, request.method, performance.now() - start)
}

function readRequest(request: Request, tenant: string, base: string): FhirRequest {
  const { url } = request
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const query = mark < 0 ? [] : parametersIn(url.slice(mark + 1))
  const body: unknown = request.body
  const isForm = typeof body === 'string' && request.is(FORM) !== false
  if (isForm && request.method === 'POST') query.push(...parametersIn(body))
  return {
    method: request.method === 'HEAD' ? 'GET' : request.method,
    path: path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decode),
    query,
    base,
    tenant,
    ...(typeof body === 'string' && !isForm && { body }),
    header: (name) => request.headers[name] as string | undefined,
  }
}

/** URLSearchParams would put a replacement character where an encoding is broken, and search for something else. */
function parametersIn(text: string): [string, string][] {
  if (text.includes('%')) decode(text)
  return [...new URLSearchParams(text)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new GatewayError('GW_BAD_REQUEST', 'The address holds a percent sign that is no encoding.')
  }
}

function send(request: Request, response: Response, { status, headers, body }: Answer, pretty = false): void {
  const text = body === undefined ? undefined : pretty ? prettyJson(body) : body
  const length = text === undefined ? undefined : Buffer.byteLength(text)
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
    ...(length !== undefined && { 'Content-Length': length }),
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

function sendNotFound(request: Request, response: Response): void {
  const body = outcomeText({ severity: 'error', code: 'not-found', diagnostics: 'There is nothing at this address.' })
  send(request, response, { status: 404, headers: { 'Content-Type': FHIR_JSON }, body })
}

function json(status: number, content: object): Answer {
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(content) }
}

/** body-parser's errors carry a status; the client's mistakes stay the client's. */
function bodyError(error: unknown): unknown {
  const status = (error as { status?: number }).status
  if (status === 413) return new GatewayError('GW_TOO_LARGE', 'The request is larger than is read here.')
  if (status === 415) return new GatewayError('GW_MEDIA_TYPE', 'This encoding is not read here.')
  return status !== undefined && status < 500
    ? new GatewayError('GW_BAD_REQUEST', 'The request cannot be read.')
    : error
}

function record(log: Logger, { status, interaction = 'none' }: Answer, method: string, milliseconds: number): void {
  requests.observe({ interaction, status: `${Math.floor(status / 100)}xx` }, milliseconds / 1000)
  log.info({ method, interaction, status, ms: Math.round(milliseconds * 10) / 10 }, 'request')
}
