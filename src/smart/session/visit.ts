/** Whoever is signed in looks at pages about their own account: what shows that a form there came from such a page. */
import { randomBytes } from 'node:crypto'
import type { Request } from 'express'
import { csrfToken, isCsrfToken } from './csrf.ts'
import { cookieOf } from './page-request.ts'
import type { SignedInPerson } from './session.ts'

interface VisitOptions {
  readonly origin: string
  readonly key: Buffer
}

const PATH = '/oauth/apps'
const COOKIE = 'isthmus.visit'

/** For the forms of a page, with the `Set-Cookie` that goes with it. */
export function visited(
  { origin, key }: VisitOptions,
  request: Request,
  person: SignedInPerson,
): { readonly csrf: string; readonly cookie: string } {
  const visit = cookieOf(request, COOKIE) ?? randomBytes(16).toString('base64url')
  const attributes = [`Path=${PATH}`, 'HttpOnly', 'SameSite=Strict', ...(origin.startsWith('https:') ? ['Secure'] : [])]
  return { csrf: csrfToken(key, subjectOf(visit, person)), cookie: [`${COOKIE}=${visit}`, ...attributes].join('; ') }
}

export function isOurForm(
  { key }: VisitOptions,
  request: Request,
  person: SignedInPerson,
  form: URLSearchParams,
): boolean {
  return isCsrfToken(key, subjectOf(cookieOf(request, COOKIE) ?? '', person), form.get('csrf'))
}

function subjectOf(visit: string, { session }: SignedInPerson): string {
  return `${visit} ${session.uid}`
}
