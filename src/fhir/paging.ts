/**
 * The pages of a search or history, which all show one moment: what is written while a client turns them makes nothing
 * come twice or never.
 */
import { GatewayError } from '../kernel/errors.ts'
import { MomentPassed } from '../store/moment.ts'
import type { MomentReader } from '../store/search-reader.ts'
import type { Link } from './bundle.ts'
import type { FhirContext } from './context.ts'
import { readToken, writeToken } from './page-token.ts'
import type { PageMark, Position } from './page-token.ts'

type Context = Pick<FhirContext, 'permit' | 'request' | 'pageKey'>

/** `text`: the query, as it stands under the base. */
export function urlOf({ request }: Pick<Context, 'request'>, text: string): string {
  return text.startsWith('?') ? request.base + text : `${request.base}/${text}`
}

/** A token is for who got it: it knows the total of what they see. */
function sealOf({ permit, request }: Context, text: string): string {
  return `${request.caller.by} ${permit.tenant}/${text}`
}

export function markOf(context: Context, text: string, token: string | undefined): PageMark | undefined {
  return token === undefined ? undefined : readToken(context.pageKey, sealOf(context, text), token)
}

/** Reads at the moment of the first page. Throws 410 with the way to start again when MongoDB has forgotten it. */
export async function atMarked<T>(
  context: FhirContext,
  text: string,
  mark: PageMark | undefined,
  work: (reader: MomentReader) => Promise<T>,
): Promise<T> {
  try {
    return await context.reader.atMoment(mark?.moment, work)
  } catch (cause) {
    if (!(cause instanceof MomentPassed)) throw cause
    const first = urlOf(context, text)
    const sentence = `These pages are of a moment that is too long ago by now; start again at ${first}`
    throw new GatewayError('GW_EXPIRED', sentence, { cause, first })
  }
}

export interface Paged {
  /** what all pages have in common */
  readonly mark: Omit<PageMark, 'position' | 'back'>
  /** the token of this page */
  readonly page: string | undefined
  /** where the page after this one begins, and the one before it ends */
  readonly next?: Position | undefined
  readonly previous?: Position | undefined
}

/** Undefined: there is no such page. */
export function nextToken(context: Context, text: string, { mark, next }: Paged): string | undefined {
  return next && tokenOf(context, text, { ...mark, position: next })
}

function tokenOf(context: Context, text: string, mark: PageMark): string {
  return writeToken(context.pageKey, sealOf(context, text), mark)
}

export function linksOf(context: Context, text: string, { mark, page, next, previous }: Paged): Link[] {
  const url = urlOf(context, text)
  const to = (place: Pick<PageMark, 'position' | 'back'>): string =>
    `${url}&_page=${tokenOf(context, text, { ...mark, ...place })}`
  return [
    { relation: 'self', url: page === undefined ? url : `${url}&_page=${page}` },
    ...(next ? [{ relation: 'next' as const, url: to({ position: next }) }] : []),
    ...(previous ? [{ relation: 'previous' as const, url: to({ position: previous, back: true }) }] : []),
    ...(page === undefined ? [] : [{ relation: 'first' as const, url: to({}) }]),
  ]
}
