/**
 * Requests and responses of the kinds that express wants, made so by node. express gives each message another prototype,
 * after which the engine knows its shape no more: that costs more than the rest of express (docs/performance.md).
 *
 * Every response of every route is one of these, so this is the one place where answers get their usual headers.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerOptions } from 'node:http'
import type { Express } from 'express'
import { usualHeaders } from './usual-headers.ts'

export type Messages = Required<Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>>

type Given = OutgoingHttpHeaders | OutgoingHttpHeader[]

/** To be called once, when `app` is made. `origin`: the public one, once it is known. */
export function messagesOf(app: Express, origin: () => string): Messages {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {
    override writeHead(status: number, reason?: string | Given, headers?: Given): this {
      const [text, given] = typeof reason === 'string' ? [reason, headers] : [undefined, reason]
      const all = withUsual(this, usualHeaders(origin()), given)
      return text === undefined ? super.writeHead(status, all) : super.writeHead(status, text, all)
    }
  }
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  const messages = { IncomingMessage: AppRequest, ServerResponse: AppResponse }
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype })
  return messages as Messages
}

/** What was set before, or is given with the status, goes first. Where nothing was, a list is what node sends fastest. */
function withUsual(
  response: ServerResponse,
  usual: Readonly<Record<string, string>>,
  given: Given | undefined,
): Given | undefined {
  const isAlone = response.getHeaderNames().length === 0
  if (isAlone && !Array.isArray(given)) return given ? flat(usual, given) : usual
  for (const [name, value] of Object.entries(usual)) if (!response.hasHeader(name)) response.setHeader(name, value)
  return given
}

function flat(usual: Readonly<Record<string, string>>, given: OutgoingHttpHeaders): OutgoingHttpHeader[] {
  const list: OutgoingHttpHeader[] = []
  for (const name in usual) if (!(name in given)) list.push(name, usual[name] as string)
  for (const name in given) if (given[name] !== undefined) list.push(name, given[name])
  return list
}
