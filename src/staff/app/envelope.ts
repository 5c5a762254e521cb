/**
 * Every answer is `{status, message, data}`: `status` says in the app's own numbers what HTTP says beside it. Errors are
 * translated here, once.
 */
import type { Answer } from '../../http/answer.ts'
import { errorAnswer, isDefect } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { NO_SUCH_CASE, ToldError } from './words.ts'
import type { Language, Words } from './words.ts'

const DONE = 1000
const FAILED = 1001
const WRONG = 1002
const CONFLICT = 1003
const NOT_ALLOWED = 1004

export interface Reply {
  readonly message?: string
  readonly data: unknown
  /** of a list: where in it this is */
  readonly pagination?: unknown
}

export function doneAnswer({ message = 'ok', data, pagination }: Reply, interaction: string): Answer {
  const body = { status: DONE, message, data, ...(pagination !== undefined && { pagination }) }
  return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(body), interaction }
}

const JSON_HEADERS = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' }

export function refusedAnswer(error: unknown, language: Language, interaction: string): Answer {
  const asFhir = errorAnswer(error)
  const status = statusOf(asFhir.status)
  const { 'Content-Type': _type, 'WWW-Authenticate': _challenge, ...headers } = asFhir.headers ?? {}
  const body = { status: codeOf(status), message: sentenceOf(error, status)[language], data: {} }
  return {
    status,
    headers: { ...headers, ...JSON_HEADERS, ...(status === 401 && { 'WWW-Authenticate': 'EncryptedToken' }) },
    body: JSON.stringify(body),
    interaction,
    ...(isDefect(error) && { defects: [error] }),
  }
}

/** The app knows fewer of them than FHIR. */
function statusOf(status: number): number {
  if (status === 422) return 400
  if (status === 410) return 404
  return status === 412 ? 409 : status
}

function codeOf(status: number): number {
  if (status >= 500) return FAILED
  if (status === 401 || status === 403) return NOT_ALLOWED
  return status === 409 ? CONFLICT : WRONG
}

function sentenceOf(error: unknown, status: number): Words {
  if (error instanceof ToldError) return error.words
  if (error instanceof GatewayError && error.code === 'GW_NOT_STORABLE') return notAccepted(error)
  const [english, arabic] = SENTENCES[status] ?? SENTENCES[status >= 500 ? 500 : 400] ?? ['', '']
  const isOurs = error instanceof GatewayError && status < 500 && status !== 403 && status !== 404
  return [isOurs ? error.message : english, arabic]
}

/** What the mapping of a row refuses, by the name of the column. */
function notAccepted({ expression = '' }: GatewayError): Words {
  const [english, arabic] = ACCEPTED[expression] ?? ['must be another: it cannot be kept', 'يحمل قيمة لا يمكن حفظها']
  const name = expression === '' ? 'The request' : expression
  return [`${name} ${english}.`, `الحقل ${expression} ${arabic}.`]
}

const ACCEPTED: Readonly<Record<string, Words>> = {
  rt_id: ['must be the key of an active review type', 'يجب أن يكون معرّف نوع مراجعة متاح'],
  dc_id: ['must be the key of an active disease category', 'يجب أن يكون معرّف تخصص متاح'],
  doctor_id: ['must be the key of an active doctor', 'يجب أن يكون معرّف طبيب متاح'],
}

/** Of what is decided below the app, where nobody knows Arabic. */
const SENTENCES: Readonly<Record<number, Words>> = {
  400: ['The request cannot be understood.', 'تعذّر فهم الطلب؛ راجع ما أُرسل ثم أعد المحاولة.'],
  401: ['The token is not good here: get a new one.', 'رمز الدخول غير صالح هنا؛ اطلب رمزًا جديدًا.'],
  403: ['You may not do this.', 'لا يُسمح لك بهذا الإجراء.'],
  404: NO_SUCH_CASE,
  405: ['This address takes a POST.', 'هذا العنوان يقبل POST فقط.'],
  408: ['The request took too long to arrive: send it again.', 'استغرق وصول الطلب وقتًا طويلًا؛ أرسله مرة أخرى.'],
  409: ['The record was changed meanwhile: read it again.', 'تغيّر السجل في هذه الأثناء؛ اقرأه من جديد.'],
  413: ['The request is too large.', 'حجم الطلب أكبر من المسموح به.'],
  414: ['The address is too long.', 'العنوان أطول من المسموح به.'],
  415: ['Send the body as application/json.', 'أرسل محتوى الطلب بصيغة application/json.'],
  421: ['This is another host’s address.', 'هذا العنوان يخص خادمًا آخر.'],
  429: ['Too many requests: wait a moment.', 'طلبات كثيرة جدًا؛ انتظر قليلًا ثم أعد المحاولة.'],
  500: ['Something went wrong here: try again later.', 'حدث خطأ في الخادم؛ حاول مرة أخرى لاحقًا.'],
  503: ['This is not available at the moment: try again.', 'الخدمة غير متاحة الآن؛ حاول مرة أخرى.'],
  504: ['The answer takes too long: try again.', 'استغرقت الإجابة وقتًا طويلًا؛ حاول مرة أخرى.'],
}
