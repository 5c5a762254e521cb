/** The languages that a client reads, best first (RFC 9110 §12.5.4). */
import Negotiator from 'negotiator'

/** `header`: Accept-Language. */
export function acceptedLanguages(header: string | undefined): string[] {
  return new Negotiator({ headers: { 'accept-language': header ?? '' } }).languages().filter((each) => each !== '*')
}
