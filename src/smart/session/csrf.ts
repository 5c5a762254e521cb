/** What shows that a form came from a page of ours: a value that only we can make, for one dialog or session only. */
import { createHmac, timingSafeEqual } from 'node:crypto'

export function csrfToken(key: Buffer, subject: string): string {
  return createHmac('sha256', key).update(`csrf ${subject}`).digest('base64url')
}

export function isCsrfToken(key: Buffer, subject: string, sent: string | null): boolean {
  const [expected, given] = [csrfToken(key, subject), sent ?? ''].map((each) => Buffer.from(each))
  return expected !== undefined && given?.length === expected.length && timingSafeEqual(expected, given)
}
