/** Reads the fields of a body; what is not as it may be is refused, by name and with what it may be. */
import type { GatewayError } from '../../kernel/errors.ts'
import { isRawNumber, parseIncoming } from '../../r4/json.ts'
import { badField, ToldError } from './words.ts'

/** What was sent; nothing sent is `{}`. */
export type Body = Readonly<Record<string, unknown>>

/** Such texts break the XML and JSON of others. */

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/
const LONGEST_KEY = 64

export function bodyIn(text: string | undefined): Body {
  if (text === undefined || text.trim() === '') return {}
  const value = parseIncoming(text)
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)
  if (isObject) return value
  throw new ToldError('GW_BAD_REQUEST', ['The body must be a JSON object.', 'يجب أن يكون محتوى الطلب كائن JSON.'])
}

/** Null is as good as not sent. */
export function isSent(body: Body, name: string): boolean {
  return body[name] !== undefined && body[name] !== null
}

export function textField(body: Body, name: string, most = LONGEST_KEY): string {
  const value = optionalText(body, name, most)
  if (value !== undefined && value.trim() !== '') return value
  throw badField(name, ['must be a text that is not empty', 'يجب أن يكون نصًا غير فارغ'])
}

export function optionalText(body: Body, name: string, most: number): string | undefined {
  if (!isSent(body, name)) return undefined
  const value = body[name]
  if (typeof value !== 'string' || CONTROL.test(value)) {
    throw badField(name, ['must be a text without control characters', 'يجب أن يكون نصًا بلا محارف تحكم'])
  }
  if (value.length <= most) return value
  throw badField(name, [`may have at most ${most} characters`, `لا يجوز أن يزيد على ${most} حرف`])
}

export function wordField<T extends string>(body: Body, name: string, words: readonly T[]): T {
  const word = words.find((each) => each === body[name])
  if (word !== undefined) return word
  throw badField(name, [`must be one of: ${words.join(', ')}`, `يجب أن يكون إحدى القيم: ${words.join('، ')}`])
}

export function wholeField(body: Body, name: string, least: number, most: number): number {
  const value = numberIn(body[name])
  if (value !== undefined && Number.isInteger(value) && value >= least && value <= most) return value
  throw badField(name, [
    `must be a whole number from ${least} to ${most}`,
    `يجب أن يكون عددًا صحيحًا من ${least} إلى ${most}`,
  ])
}

/** Numbers that JavaScript would write otherwise come as their text (src/r4/json.ts). */
export function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  const isRaw = typeof value === 'object' && value !== null && 'rawJSON' in value
  return isRaw ? Number(value.rawJSON) : undefined
}

export function flagField(body: Body, name: string): boolean {
  const value = body[name] ?? false
  if (typeof value === 'boolean') return value
  throw badField(name, ['must be true or false', 'يجب أن يكون true أو false'])
}

export function listField(body: Body, name: string): readonly unknown[] {
  const value = body[name]
  if (Array.isArray(value)) return value as unknown[]
  throw badField(name, ['must be an array', 'يجب أن يكون مصفوفة'])
}

/** Bodies are refused when they are something else than JSON, and not merely not read. */
export function notJson(): GatewayError {
  return new ToldError('GW_MEDIA_TYPE', [
    'Send the body as application/json.',
    'أرسل محتوى الطلب بصيغة application/json.',
  ])
}
