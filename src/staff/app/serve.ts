/** A request of the app or its admin side from its headers to its answer: who asks, what, on record, in an envelope. */
import type { Request, Response } from 'express'
import type { Asked } from '../../audit/asked.ts'
import { Trail } from '../../audit/trail.ts'
import type { Admission } from '../../http/admission.ts'
import type { Answer } from '../../http/answer.ts'
import type { OtherApi } from '../../http/app.ts'
import { hasBody, readBody } from '../../http/body.ts'
import { isFormType } from '../../http/media.ts'
import { agentOf, answerOnRecord } from '../../http/on-record.ts'
import { Deadline } from '../../kernel/deadline.ts'
import type { Limits } from '../../kernel/limits.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { RowChange } from '../../projection/operation.ts'
import type { WriteBack } from '../../projection/write-back.ts'
import type { Permit } from '../../access/permit.ts'
import { currentPermit } from '../../store/restrictions.ts'
import { callerOf, countedBy } from './caller.ts'
import type { AppCaller, CallerParts } from './caller.ts'
import { commitRows } from './commit.ts'
import type { Call, Endpoint } from './endpoint.ts'
import { doneAnswer, refusedAnswer } from './envelope.ts'
import { bodyIn, notJson } from './fields.ts'
import { languageOf } from './language.ts'
import type { Notify } from './notify.ts'
import { secondOpinionsIn } from './second-opinions.ts'
import type { Audience } from './token.ts'
import type { Language } from './words.ts'
import { ToldError } from './words.ts'

export interface ServeParts extends CallerParts {
  /** as it is now: other mappings may come into force */
  readonly writeBack: () => WriteBack
  readonly log: Logger
  readonly limits: Limits
  readonly admission: () => Admission | undefined
  readonly notify: Notify
  readonly now: () => Date
}

/** The app, or its admin side. */
export interface Side {
  /** `app` */
  readonly name: string
  readonly audience: Audience
  readonly endpoints: Readonly<Record<string, Endpoint>>
}

export function secondOpinionApi(side: Side, parts: ServeParts): OtherApi {
  const prefix = `/${side.name}`
  return {
    owns: (url) => url.startsWith(prefix) && (url.length === prefix.length || '/?'.includes(url.charAt(prefix.length))),
    async answer(request, response) {
      const language = languageIn(request)
      const interaction = nameOf(side, request)
      try {
        return await serve(side, parts, { request, response, language, interaction })
      } catch (error) {
        return refusedAnswer(error, language, interaction)
      }
    },
    refusal: (error, request) => refusedAnswer(error, languageIn(request), 'refused'),
  }
}

interface Exchange {
  readonly request: Request
  readonly response: Response
  readonly language: Language
  readonly interaction: string
}

async function serve(side: Side, parts: ServeParts, exchange: Exchange): Promise<Answer> {
  const { request, response, interaction } = exchange
  const endpoint = endpointAt(side, request)
  const source = secondOpinionsIn(parts.writeBack().plan)
  const caller = await callerOf(side.audience, parts, source, request)
  const refusal = parts.admission()?.caller(countedBy(caller))
  if (refusal) throw refusal
  const body = endpoint.ignoresBody ? {} : bodyIn(await textOf(exchange, parts))
  const deadline = new Deadline(parts.limits.requestMilliseconds)
  response.once('close', () => deadline.close(!response.writableEnded))
  const permit = await currentPermit(parts.writeBack().store, caller.permit)
  const run = async (trail?: Trail): Promise<Answer> => {
    const call = callOf(parts, { caller: { ...caller, permit }, source, deadline, trail })
    return doneAnswer(await endpoint.handle({ ...call, body, language: exchange.language }), interaction)
  }
  if (!endpoint.asked) return run()
  const trail = trailOf(side, parts, request, { caller, asked: endpoint.asked(body, source) })
  return answerOnRecord(parts, trail, () => run(trail))
}

function languageIn({ headers }: Pick<Request, 'headers'>): Language {
  const { lang } = headers
  return languageOf(typeof lang === 'string' ? lang : undefined)
}

function pathOf({ url }: Request): string[] {
  return (url.split('?', 1)[0] ?? '').split('/').filter((each) => each !== '')
}

/** For logs and metrics: names of ours only. */
function nameOf({ name, endpoints }: Side, request: Request): string {
  const [, asked = '', ...more] = pathOf(request)
  return more.length === 0 && Object.hasOwn(endpoints, asked) ? `${name}-${asked}` : `${name}-none`
}

function endpointAt({ endpoints }: Side, request: Request): Endpoint {
  const [, asked = '', ...more] = pathOf(request)
  const endpoint = more.length === 0 && Object.hasOwn(endpoints, asked) ? endpoints[asked] : undefined
  if (!endpoint) throw new ToldError('GW_NOT_FOUND', ['There is nothing at this address.', 'لا شيء في هذا العنوان.'])
  if (request.method === 'POST') return endpoint
  throw new ToldError('GW_NOT_ALLOWED', ['This address takes a POST.', 'هذا العنوان يقبل POST فقط.'], { allow: 'POST' })
}

function trailOf(
  { name }: Side,
  { addressOf }: ServeParts,
  request: Request,
  { caller, asked }: { readonly caller: AppCaller; readonly asked: Asked },
): Trail {
  const { tenant } = caller.permit
  const who = agentOf(caller, addressOf(request))
  return new Trail({ tenant, method: 'POST', path: [name], query: [], who, asked })
}

async function textOf({ request, response }: Exchange, { limits }: ServeParts): Promise<string | undefined> {
  if (!hasBody(request)) return undefined
  const text = isFormType(request.headers['content-type']) ? undefined : await readBody(request, response, limits)
  if (text === undefined) throw notJson()
  return text
}

interface Called extends Pick<Call, 'source' | 'deadline' | 'trail'> {
  readonly caller: AppCaller
}

function callOf(parts: ServeParts, called: Called): Omit<Call, 'body' | 'language'> {
  const { caller, source, deadline, trail } = called
  const { permit, user } = caller
  const { notify, now } = parts
  const committing = { by: caller.by, deadline, trail }
  const change = (changes: readonly RowChange[], as: Permit = permit): Promise<void> =>
    commitRows(parts.writeBack, committing, changes, as)
  return { permit, user, store: parts.writeBack().store, source, deadline, trail, change, notify, now }
}
