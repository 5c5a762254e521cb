/** The name of a message as others are told it: the same at every try, and nothing can be read in it. */
import { hash } from 'node:crypto'

export function messageKey(id: string): string {
  return `msg_${hash('sha256', id, 'hex').slice(0, 32)}`
}
