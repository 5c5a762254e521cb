/**
 * /api, what clinic staff work with: each operation of openapi.yaml, asked as it says and answered as it says. An operation
 * that is not there, or of which nobody said who may ask, stops the start.
 */
import express from 'express'
import type { Request, Response, Router } from 'express'
import type { Caller } from '../../access/caller.ts'
import type { Admission } from '../../http/admission.ts'
import type { Answer, FhirHandler } from '../../http/answer.ts'
import { fhirBase } from '../../http/base.ts'
import { readBody, hasBody } from '../../http/body.ts'
import { isJsonType } from '../../http/media.ts'
import { isDefect } from '../../http/outcome.ts'
import { send } from '../../http/send.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { GatewayError, StartError } from '../../kernel/errors.ts'
import type { Limits } from '../../kernel/limits.ts'
import type { Logger } from '../../kernel/logger.ts'
import { requests } from '../../kernel/metrics.ts'
import type { Once } from '../../store/kept-answers.ts'
import type { CallerParts } from './caller.ts'
import { assertPermission, findCaller } from './caller.ts'
import type { Contract, Route } from './contract.ts'
import { brokenAnswer, checkRequest } from './contract.ts'
import { docsRouter } from './docs.ts'
import { doOnce } from './once.ts'
import type { ApiAnswer, ApiOperation, ApiRequest } from './operation.ts'
import { operations } from './operations/index.ts'
import type { ApiParts } from './parts.ts'
import { ContractError, problemAnswer } from './problem.ts'
import { recordsOf } from './records.ts'

export interface ApiOptions extends ApiParts, CallerParts {
  readonly contract: Contract
  /** with everything it is asked on record */
  readonly fhir: FhirHandler
  readonly limits: Limits
  readonly log: Logger
  readonly addressOf: (request: Request) => string
  admission?(): Admission | undefined
}

const JSON_TYPE = 'application/json; charset=utf-8'

/** Mounted at the root: its routes say where they are. */
export function apiRouter(options: ApiOptions): Router {
  const { contract } = options
  const router = express.Router({ caseSensitive: true, strict: true })
  router.use(docsRouter(contract))
  for (const route of contract.routes) {
    const operation = operations[route.id]
    if (!operation) throw new StartError(`openapi.yaml: nothing answers the operation ${route.id}.`)
    const handle = (request: Request, response: Response): Promise<void> =>
      serve(options, { route, operation }, request, response)
    router[route.method as 'get'](route.path, handle)
  }
  router.all(/^\/api(\/|$)/, (request, response) => {
    send(request, response, problemAnswer(unknownAddress(contract, request)))
  })
  return router
}

interface Target {
  readonly route: Route
  readonly operation: ApiOperation
}

async function serve(options: ApiOptions, target: Target, request: Request, response: Response): Promise<void> {
  const start = performance.now()
  const deadline = new Deadline(options.limits.requestMilliseconds)
  response.once('close', () => deadline.close(!response.writableEnded))
  let answer: Answer
  try {
    answer = await answerTo(options, target, request, response, deadline)
  } catch (error) {
    answer = problemAnswer(error)
    if (isDefect(error) && !response.destroyed) options.log.error({ err: error }, 'request failed')
  }
  send(request, response, answer)
  const { id: interaction } = target.route
  const milliseconds = performance.now() - start
  requests.observe({ interaction, status: `${Math.floor(answer.status / 100)}xx` }, milliseconds / 1000)
  const ms = Math.round(milliseconds * 10) / 10
  options.log.info({ method: request.method, interaction, status: answer.status, ms }, 'request')
}

async function answerTo(
  options: ApiOptions,
  { route, operation }: Target,
  request: Request,
  response: Response,
  deadline: Deadline,
): Promise<Answer> {
  const { caller, csrf } = await findCaller(options, request, response)
  // Browsers of staff are counted by their address
  const refusal = csrf === undefined ? options.admission?.()?.caller(caller) : undefined
  if (refusal) throw refusal
  if (typeof route.access === 'object') assertPermission(caller, route.access.permission)
  const body = await bodyOf(options, request, response)
  const query = queryOf(request)
  const headers = headersOf(request)
  const checked = checkRequest(options.contract, route, { path: request.path, query, headers, body })
  if ('errors' in checked) throw new ContractError(checked.errors)
  const { tenant } = caller.permit
  const address = options.addressOf(request)
  const who = { caller, tenant, address, ...(csrf !== undefined && { csrf }) }
  const asked = (once?: Once): ApiRequest => ({
    ...{ ...checked, ...who, body, deadline, ...versionIn(headers) },
    ...(once && { once }),
    records: recordsFor(options, address, { caller, deadline, once }),
  })
  const finish = (answer: ApiAnswer): Rendered => rendered(options, route, answer)
  const key = route.method === 'post' ? headers['idempotency-key'] : undefined
  if (key === undefined) return finish(await operation.handle(asked(), options))
  const content = JSON.stringify([route.id, checked.path, checked.query, body])
  const attempt = { tenant, who: `${caller.by} ${route.id}`, key, content }
  return doOnce(options.store, attempt, {
    async run(once) {
      const answer = await operation.handle(asked(once), options)
      return { answer: finish(answer), kept: finish({ ...answer, ...(answer.kept && { body: answer.kept }) }) }
    },
    async again(written) {
      if (!operation.again) throw new GatewayError('GW_CONFLICT', 'It is done: read what is there.')
      return finish(await operation.again(asked(), written, options))
    },
  })
}

function recordsFor(
  { fhir, origin }: ApiOptions,
  address: string,
  asked: { readonly caller: Caller; readonly deadline: Deadline; readonly once: Once | undefined },
): ApiRequest['records'] {
  const base = fhirBase(origin(), asked.caller.permit.tenant)
  return recordsOf({ fhir, base, address, ...asked })
}

type Rendered = Answer & { readonly body: string; readonly headers: Readonly<Record<string, string>> }

/** What is not as the contract says is a defect of ours, and does not go out. */
function rendered({ contract }: ApiOptions, route: Route, { status, body, headers }: ApiAnswer): Rendered {
  const broken = brokenAnswer(contract, route, status, body)
  if (broken !== undefined) throw new Error(broken)
  const type = body === undefined ? {} : { 'Content-Type': JSON_TYPE }
  return { status, headers: { ...type, ...headers }, body: body === undefined ? '' : JSON.stringify(body) }
}

async function bodyOf({ limits }: ApiOptions, request: Request, response: Response): Promise<unknown> {
  if (!hasBody(request)) return undefined
  if (!isJsonType(request.headers['content-type'])) {
    throw new GatewayError('GW_MEDIA_TYPE', 'The body must be JSON: send Content-Type: application/json.')
  }
  const text = (await readBody(request, response, limits)) ?? ''
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new GatewayError('GW_INVALID_JSON', 'The body is no JSON.')
  }
}

/** A parameter that comes twice is a list, which none of ours is unless the contract says so. */
function queryOf({ url }: Request): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>
  for (const [name, value] of new URLSearchParams(url.split('?')[1] ?? '')) {
    const there = query[name]
    query[name] = there === undefined ? value : [there, value].flat()
  }
  return query
}

function headersOf({ headers }: Request): Record<string, string> {
  const single = Object.entries(headers).filter((each): each is [string, string] => typeof each[1] === 'string')
  return Object.fromEntries(single)
}

function versionIn({ 'if-match': tag }: Record<string, string>): { readonly version?: number } {
  if (tag === undefined) return {}
  const [, digits] = /^(?:W\/)?"([1-9]\d{0,9})"$/.exec(tag) ?? []
  if (digits === undefined) throw new GatewayError('GW_PRECONDITION', 'If-Match names no version: send W/"<version>".')
  return { version: Number(digits) }
}

function unknownAddress({ routes }: Contract, { path }: Request): GatewayError {
  const there = routes.filter((route) => pattern(route).test(path)).map(({ method }) => method.toUpperCase())
  if (there.length === 0) return new GatewayError('GW_NOT_FOUND', 'There is nothing at this address: see /api/docs.')
  return new GatewayError('GW_NOT_ALLOWED', 'This address takes no such request.', { allow: there.join(', ') })
}

function pattern({ path }: Route): RegExp {
  return new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`)
}
