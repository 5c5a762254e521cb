/**
 * /api, what clinic staff work with: each operation of openapi.yaml, asked as it says and answered as it says. An operation
 * that is not there, or of which nobody said who may ask, stops the start.
 */
import type { Request, Response } from 'express'
import type { Caller } from '../../access/caller.ts'
import type { Admission } from '../../http/admission.ts'
import type { Answer, FhirHandler } from '../../http/answer.ts'
import type { OtherApi } from '../../http/app.ts'
import { fhirBase } from '../../http/base.ts'
import { isDefect } from '../../http/outcome.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { GatewayError, StartError } from '../../kernel/errors.ts'
import type { Limits } from '../../kernel/limits.ts'
import type { Once } from '../../store/kept-answers.ts'
import type { CallerParts } from './caller.ts'
import { assertPermission, findCaller } from './caller.ts'
import type { Contract, Route } from './contract.ts'
import { brokenAnswer, checkRequest } from './contract.ts'
import { docsPages } from './docs.ts'
import { doOnce } from './once.ts'
import { Lines } from './lines.ts'
import type { ApiAnswer, ApiOperation, ApiRequest } from './operation.ts'
import { operations } from './operations/index.ts'
import type { ApiParts } from './parts.ts'
import { ContractError, problemAnswer } from './problem.ts'
import { recordsOf } from './records.ts'
import { pathOf, routeFinder } from './routes.ts'
import { bodyOf, headersOf, queryOf, versionIn } from './sent.ts'

export interface ApiOptions extends ApiParts, CallerParts {
  readonly contract: Contract
  /** with everything it is asked on record */
  readonly fhir: FhirHandler
  readonly limits: Limits
  readonly addressOf: (request: Request) => string
  admission?(): Admission | undefined
}

/** What requests have in common. */
type Serving = ApiOptions & { readonly lines: Lines }

const JSON_TYPE = 'application/json; charset=utf-8'
const ROOT = '/api'

export function staffApi(options: ApiOptions): OtherApi {
  const serving = { ...options, lines: new Lines() }
  const pages = docsPages(options.contract)
  const routeFor = routeFinder(options.contract)
  const unknown = options.contract.routes.find(({ id }) => !operations[id])
  if (unknown) throw new StartError(`openapi.yaml: nothing answers the operation ${unknown.id}.`)
  return {
    owns: (url) => url.startsWith(ROOT) && (url.length === ROOT.length || '/?'.includes(url.charAt(ROOT.length))),
    async answer(request, response) {
      let interaction = 'api-none'
      try {
        const page = pages.get(pathOf(request))
        if (page && request.method === 'GET') return page
        const route = routeFor(request)
        interaction = route.id
        return { ...(await serve(serving, route, request, response)), interaction }
      } catch (error) {
        const defects = isDefect(error) && !response.destroyed ? { defects: [error] } : {}
        return { ...problemAnswer(error), interaction, ...defects }
      }
    },
    refusal: (error) => problemAnswer(error),
  }
}

async function serve(options: Serving, route: Route, request: Request, response: Response): Promise<Answer> {
  const deadline = new Deadline(options.limits.requestMilliseconds)
  response.once('close', () => deadline.close(!response.writableEnded))
  const { caller, csrf } = await findCaller(options, request, response)
  // Browsers of staff are counted by their address
  const refusal = csrf === undefined ? options.admission?.()?.caller(caller) : undefined
  if (refusal) throw refusal
  if (typeof route.access === 'object') assertPermission(caller, route.access.permission)
  const body = await bodyOf(options.limits, request, response)
  const headers = headersOf(request)
  const sent = { path: pathOf(request), query: queryOf(request), headers, body }
  const checked = checkRequest(options.contract, route, sent)
  if ('errors' in checked) throw new ContractError(checked.errors)
  const { tenant } = caller.permit
  const address = options.addressOf(request)
  const who = { caller, tenant, address, ...(csrf !== undefined && { csrf }) }
  const asked = (once?: Once): ApiRequest => ({
    ...{ ...checked, ...who, body, deadline, ...versionIn(headers) },
    ...(once && { once }),
    records: recordsFor(options, address, { caller, deadline, once }),
    lines: options.lines,
  })
  const key = route.method === 'post' ? headers['idempotency-key'] : undefined
  if (key === undefined) return answerOf(options, route, await operationOf(route).handle(asked(), options))
  const content = JSON.stringify([route.id, checked.path, checked.query, body])
  const attempt = { tenant, who: `${caller.by} ${route.id}`, key, content }
  return onceOnly(options, route, attempt, asked)
}

function operationOf({ id }: Route): ApiOperation {
  return operations[id] as ApiOperation
}

function onceOnly(
  options: ApiOptions,
  route: Route,
  attempt: Parameters<typeof doOnce>[1],
  asked: (once?: Once) => ApiRequest,
): Promise<Answer> {
  const operation = operationOf(route)
  const finish = (answer: ApiAnswer): Rendered => rendered(options, route, answer)
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

function answerOf(options: ApiOptions, route: Route, answer: ApiAnswer): Answer {
  const { status, headers, file } = answer
  return file ? { status, ...(headers && { headers }), ...file } : rendered(options, route, answer)
}

type Rendered = Answer & { readonly body: string; readonly headers: Readonly<Record<string, string>> }

/** What is not as the contract says is a defect of ours, and does not go out. */
function rendered({ contract }: ApiOptions, route: Route, { status, body, headers }: ApiAnswer): Rendered {
  const broken = brokenAnswer(contract, route, status, body)
  if (broken !== undefined) throw new Error(broken)
  const type = body === undefined ? {} : { 'Content-Type': JSON_TYPE }
  return { status, headers: { ...type, ...headers }, body: body === undefined ? '' : JSON.stringify(body) }
}
