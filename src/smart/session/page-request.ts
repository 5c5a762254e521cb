/** What the pages read of a request: cookies, forms, the language to answer in. */
import type { IncomingMessage } from 'node:http'
import type { Request, Response } from 'express'
import { readBody } from '../../http/body.ts'
import type { Limits } from '../../kernel/limits.ts'
import { languageOf } from '../pages/language.ts'
import type { Wishes } from '../pages/language.ts'
import type { Language } from '../pages/texts/texts.ts'
import { LANGUAGES } from '../pages/texts/texts.ts'

const LANGUAGE_COOKIE = 'isthmus.language'
const YEAR_SECONDS = 365 * 24 * 3600

export function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** What was chosen on a page before goes first. */
export function pageLanguage(request: IncomingMessage, wishes: Pick<Wishes, 'uiLocales' | 'account'> = {}): Language {
  const chosen = cookieOf(request, LANGUAGE_COOKIE)
  return languageOf({ ...wishes, chosen, accepted: request.headers['accept-language'] })
}

/** `Set-Cookie` for what the switch of language says; undefined: it says nothing. */
export function chosenLanguage({ url }: Request, isSecure: boolean): string | undefined {
  const language = new URLSearchParams(url.split('?')[1]).get('lang')
  if (!LANGUAGES.some((each) => each === language)) return undefined
  const attributes = ['Path=/oauth', `Max-Age=${YEAR_SECONDS}`, 'HttpOnly', 'SameSite=Lax']
  return [`${LANGUAGE_COOKIE}=${language}`, ...attributes, ...(isSecure ? ['Secure'] : [])].join('; ')
}

export async function formOf(request: Request, response: Response, limits: Limits): Promise<URLSearchParams> {
  return new URLSearchParams(await readBody(request, response, limits))
}
