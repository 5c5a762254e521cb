/** What the form of the consent page says. */
import type { Choices } from './consent.ts'
import { linesOf } from './consent.ts'

export function choicesOf(asked: string, form: URLSearchParams): Choices {
  const kinds = linesOf(asked)
    .filter(({ key }) => form.get(`how:${key}`) === 'some')
    .map(({ key }) => [key, new Set(form.getAll(`kind:${key}`))] as const)
  return {
    lines: new Set(form.getAll('line')),
    kinds: new Map(kinds),
    parts: new Set(form.getAll('part')),
    offline: form.get('offline') === 'yes',
  }
}
