/**
 * Requests and responses of the kinds that express wants, made so by node. express gives each message another prototype,
 * after which the engine knows its shape no more: that costs more than the rest of express (docs/performance.md).
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerOptions } from 'node:http'
import type { Express } from 'express'

export type Messages = Required<Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>>

/** To be called once, when `app` is made. */
export function messagesOf(app: Express): Messages {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  const messages = { IncomingMessage: AppRequest, ServerResponse: AppResponse }
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype })
  return messages as Messages
}
