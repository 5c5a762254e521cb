/**
 * /messages/choices/…: whoever has a message stops or resumes those of its kind, without signing in: the link is the right
 * to. Looking changes nothing, since mail programs look at every link; a POST stops at once (RFC 8058, one click).
 */
import type { Request, Response } from 'express'
import { CHOICES, choiceIn, isStopped } from '../channels/choice.ts'
import type { Choice } from '../channels/choice.ts'
import type { Answer } from '../http/answer.ts'
import type { OtherApi } from '../http/app.ts'
import { readBody } from '../http/body.ts'
import { errorAnswer } from '../http/outcome.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Limits } from '../kernel/limits.ts'
import type { Store } from '../store/collections.ts'
import { resumeMessages, stopMessages, stoppedMessages } from '../store/message-choices.ts'
import { styleAnswer, stylePath } from './pages/assets.ts'
import { languageOf } from './pages/language.ts'
import type { Frame } from './pages/layout.ts'
import { messageChoicePage, unknownChoicePage } from './pages/message-choice.ts'
import { pageAnswer } from './pages/page-answer.ts'

export interface MessageChoicesOptions {
  readonly store: Store
  readonly limits: Limits
}

/** Served without the authorization server too, and its pages look the same. */
export function messageChoices(options: MessageChoicesOptions): OtherApi {
  return {
    owns: (url) => url.startsWith(CHOICES) || url === stylePath,
    async answer(request, response) {
      try {
        return request.url === stylePath ? styleAnswer : await answered(options, request, response)
      } catch (error) {
        const answer = errorAnswer(error)
        return answer.status >= 500 ? { ...answer, defects: [error] } : answer
      }
    },
    refusal: (error) => errorAnswer(error),
  }
}

async function answered(options: MessageChoicesOptions, request: Request, response: Response): Promise<Answer> {
  const { store } = options
  const { method, url } = request
  if (!['GET', 'HEAD', 'POST'].includes(method)) {
    throw new GatewayError('GW_NOT_ALLOWED', 'Read this page, or send its form.', { allow: 'GET, HEAD, POST' })
  }
  const [path = '', query] = url.split('?')
  const chosen = new URLSearchParams(query).get('lang') ?? undefined
  const frame: Frame = { language: languageOf({ chosen, accepted: request.headers['accept-language'] }), path }
  const choice = choiceIn(store.seals, path.slice(CHOICES.length))
  if (!choice) return pageAnswer(404, unknownChoicePage({ ...frame, path: '' }))
  if (method === 'POST') await choose(store, choice, await wishIn(options, request, response))
  const stopped = await stoppedMessages(store, { t: choice.tenant, person: choice.person })
  return pageAnswer(200, messageChoicePage(frame, { ...choice, isStopped: isStopped(stopped, choice) }))
}

/** A mail program's one click is a form of its own, of several parts perhaps, and says nothing but that it is one. */
async function wishIn({ limits }: MessageChoicesOptions, request: Request, response: Response): Promise<string> {
  const form = new URLSearchParams(await readBody(request, response, limits))
  return form.get('do') ?? 'stop'
}

async function choose(store: Store, { tenant: t, person, kind, code }: Choice, wish: string): Promise<void> {
  if (wish === 'again') await resumeMessages(store, { t, person, kind, code })
  else if (wish === 'stop-all') await stopMessages(store, { t, person, kind: '*', code })
  else await stopMessages(store, { t, person, kind, code: '*' })
}
