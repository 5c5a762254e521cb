/**
 * The express application around the FHIR API: tenants, probes, metrics, errors, one log line a request.
 *
 * A read passes through as little as possible: one comparison, one handler, one write.
 */
import express from 'express'
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express'
import type { Caller } from '../access/caller.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Limits } from '../kernel/limits.ts'
import type { Logger } from '../kernel/logger.ts'
import { observeRequest } from '../kernel/metrics.ts'
import type { Admission } from './admission.ts'
import { refusalAnswer } from './admission.ts'
import type { Answer, FhirHandler } from './answer.ts'
import type { Refusal } from './client-error.ts'
import { FHIR_BASE } from './base.ts'
import { isPreflight, preflightAnswer, readableBy } from './cors.ts'
import type { KnowsOrigin } from './cors.ts'
import { messagesOf } from './messages.ts'
import type { Messages } from './messages.ts'
import { errorAnswer, isDefect } from './outcome.ts'
import type { Ready } from './probes.ts'
import { addProbes, sendNotFound } from './probes.ts'
import { readRequest } from './request.ts'
import { send } from './send.ts'

export interface AppOptions {
  readonly fhir: FhirHandler
  readonly limits: Limits
  /** Who calls; what it throws is the answer. Asked before anything of the body is read. */
  callerOf(request: Request, place: FhirPlace): Promise<Caller>
  /** the authorization server; none while authorization is off */
  readonly smart?: Promise<Smart>
  /** where a request comes from, as it is put on record */
  readonly addressOf?: (request: Request) => string
  /** public origin, such as http://127.0.0.1:8080 */
  readonly origin: () => string
  /** does this tenant exist? `default` always does */
  hasTenant(slug: string): Promise<boolean>
  readonly ready: Ready
  readonly log: Logger
  /** what is refused before it is looked at; undefined: nothing */
  admission?(): Admission | undefined
  /** APIs beside FHIR (src/staff) */
  readonly others?: readonly OtherApi[]
}

/** Answers what is under addresses of its own, in a form of its own, errors too. */
export interface OtherApi {
  owns(url: string): boolean
  answer(request: Request, response: Response): Promise<Answer>
  /** what it says of a request that is not looked at */
  refusal(error: GatewayError, request: Pick<Request, 'headers'>): Answer
}

/** What the authorization server (src/smart) has for the application around the FHIR API. */
export interface Smart {
  readonly router: RequestHandler
  readonly knowsOrigin: KnowsOrigin
  /** `{base}/.well-known/smart-configuration`, open to everybody whatever they accept */
  configuration(tenant: string): Answer
}

/** RFC 8615: read without a token */
const WELL_KNOWN = '/.well-known/'
const CONFIGURATION = `${WELL_KNOWN}smart-configuration`

export function createApp(options: AppOptions): Express & Messages & { readonly refusal: Refusal } {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.set('case sensitive routing', true)
  app.use(async (request: Request, response: Response, next: NextFunction) => {
    const { url } = request
    const refusal = options.admission?.()?.request(request)
    if (refusal) {
      sendRefusal(options, request, response, refusal)
      return
    }
    const place = { tenant: 'default', path: FHIR_BASE, url: url.slice(FHIR_BASE.length) }
    if (isUnderBase(url)) await serveFhir(options, request, response, place)
    else await serveOther(options, request, response, next)
  })
  // Before anything is read of the request: whatever is asked of a tenant that is not there, the answer is the same
  app.use('/t/:slug', async (request: Request<{ slug: string }>, response: Response, next: NextFunction) => {
    const { slug } = request.params
    if (slug === 'default' || (await options.hasTenant(slug))) next()
    else sendNotFound(request, response)
  })
  app.use(`/t/:slug${FHIR_BASE}`, (request: Request<{ slug: string }>, response: Response) => {
    const { slug } = request.params
    const path = slug === 'default' ? FHIR_BASE : `/t/${slug}${FHIR_BASE}`
    return serveFhir(options, request, response, { tenant: slug, path, url: request.url })
  })
  addProbes(app, options.ready)
  const { smart } = options
  if (smart) app.use(async (request, response, next) => (await smart).router(request, response, next))
  app.use((request, response) => sendNotFound(request, response))
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(error)
    else sendError(options, request, response, error)
  })
  const refusal: Refusal = (error, url) => refusalAt(options, error, { url, headers: {} })
  return Object.assign(app, messagesOf(app, options.origin), { refusal })
}

/** As `app.use` would tell, which matches a pattern for it. */
function isUnderBase(url: string): boolean {
  return url.startsWith(FHIR_BASE) && (url.length === FHIR_BASE.length || '/?'.includes(url.charAt(FHIR_BASE.length)))
}

/** What of a FHIR API a request is for. */
export interface FhirPlace {
  readonly tenant: string
  /** of the FHIR base */
  readonly path: string
  /** what comes after it */
  readonly url: string
}

async function serveFhir(options: AppOptions, request: Request, response: Response, place: FhirPlace): Promise<void> {
  const { log, limits } = options
  const { tenant, path, url } = place
  const start = performance.now()
  let answer: Answer
  let pretty = false
  let caller: Caller | undefined
  try {
    if (options.smart && isPreflight(request)) {
      send(request, response, await preflight(await options.smart, request, FHIR_METHODS))
      return
    }
    if (options.smart && url.startsWith(WELL_KNOWN)) {
      if (pathOf(url) === CONFIGURATION) send(request, response, (await options.smart).configuration(tenant))
      else sendNotFound(request, response)
      return
    }
    caller = await admittedCaller(options, request, place)
    const base = options.origin() + path
    const address = options.addressOf?.(request)
    const fhirRequest = await readRequest(request, response, { tenant, caller, base, url, limits, address })
    pretty = fhirRequest.query.some(([name, value]) => name === '_pretty' && value === 'true')
    const { deadline } = fhirRequest
    response.once('close', () => deadline.close(!response.writableEnded))
    answer = await options.fhir(fhirRequest)
    for (const defect of answer.defects ?? []) log.error({ err: defect }, 'request failed')
  } catch (error) {
    answer = errorAnswer(error)
    if (isDefect(error) && !response.destroyed) log.error({ err: error }, 'request failed')
  }
  const { origin } = request.headers
  if (origin !== undefined && options.smart) answer = await shared(await options.smart, answer, { origin, caller, url })
  send(request, response, answer, pretty)
  record(log, answer, request.method, performance.now() - start)
}

async function admittedCaller(options: AppOptions, request: Request, place: FhirPlace): Promise<Caller> {
  const caller = await options.callerOf(request, place)
  const refusal = options.admission?.()?.caller(caller)
  if (refusal) throw refusal
  return caller
}

async function serveOther(
  options: AppOptions,
  request: Request,
  response: Response,
  next: NextFunction,
): Promise<void> {
  const other = otherFor(options, request)
  if (!other) {
    next()
    return
  }
  const start = performance.now()
  const answer = await other.answer(request, response)
  for (const defect of answer.defects ?? []) options.log.error({ err: defect }, 'request failed')
  send(request, response, answer)
  record(options.log, answer, request.method, performance.now() - start)
}

function otherFor({ others = [] }: AppOptions, { url }: Pick<Request, 'url'>): OtherApi | undefined {
  return others.find((each) => each.owns(url))
}

const FHIR_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'

async function preflight({ knowsOrigin }: Smart, { headers }: Request, methods: string): Promise<Answer> {
  const { origin = '' } = headers
  return preflightAnswer(origin, await knowsOrigin(origin), methods)
}

interface Asked {
  readonly origin: string
  readonly caller: Caller | undefined
  readonly url: string
}

/** Whose token is over is told so where it is an app's page at all. */
async function shared({ knowsOrigin }: Smart, answer: Answer, { origin, caller, url }: Asked): Promise<Answer> {
  if (pathOf(url) === '/metadata') return readableBy(answer, '*')
  const isReader = await knowsOrigin(origin, caller?.credential?.client).catch(() => false)
  return readableBy(answer, isReader ? origin : undefined)
}

function pathOf(url: string): string | undefined {
  return url.split('?', 1)[0]
}

function sendError({ log }: AppOptions, request: Request, response: Response, error: unknown): void {
  const known = addressError(error)
  if (isDefect(known)) log.error({ err: known }, 'request failed')
  send(request, response, errorAnswer(known))
}

function sendRefusal(options: AppOptions, request: Request, response: Response, refusal: GatewayError): void {
  const { log } = options
  const answer = { ...refusalAt(options, refusal, request), interaction: 'refused' }
  send(request, response, answer)
  record(log, answer, request.method, 0)
}

/** In the words of whoever answers there. */
function refusalAt(options: AppOptions, refusal: GatewayError, request: Pick<Request, 'url' | 'headers'>): Answer {
  return otherFor(options, request)?.refusal(refusal, request) ?? refusalAnswer(refusal, request.url)
}

/** express refuses a path that is no text with an error of its own. */
function addressError(error: unknown): unknown {
  if (error instanceof GatewayError) return error
  const { status } = error as { status?: number }
  if (status === undefined || status >= 500) return error
  return new GatewayError('GW_BAD_REQUEST', 'The address cannot be read.')
}

function record(log: Logger, { status, interaction = 'none' }: Answer, method: string, milliseconds: number): void {
  observeRequest(interaction, status, milliseconds)
  log.info({ method, interaction, status, ms: Math.round(milliseconds * 10) / 10 }, 'request')
}
