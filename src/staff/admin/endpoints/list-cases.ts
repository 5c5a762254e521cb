/** `/admin/list-cases`: cases of everybody, the latest first, by status, coordinator, account or the beginning of the key. */
import { tokenKey, uriKey } from '../../../r4/keys/text.ts'
import type { MappedRow } from '../../../store/mapped-rows.ts'
import { shownCase } from '../../app/case-fields.ts'
import { CASE, searchOf } from '../../app/cases.ts'
import type { Call, Endpoint } from '../../app/endpoint.ts'
import { isSent, textField, wholeField, wordField } from '../../app/fields.ts'
import { badField } from '../../app/words.ts'
import type { Start } from '../case-pages.ts'
import { casePage } from '../case-pages.ts'

const USUAL_SIZE = 15
const MOST_SIZE = 100
const LONGEST_CURSOR = 400

/** As FHIR says it. */
const STATUS = { draft: 'draft', review: 'active', rejected: 'revoked' } as const

export const listCases: Endpoint = {
  asked: searchOf('ServiceRequest'),
  async handle(call) {
    const { body, permit, source, trail } = call
    const size = isSent(body, 'page_size') ? wholeField(body, 'page_size', 1, Number.MAX_SAFE_INTEGER) : USUAL_SIZE
    const limit = Math.min(size, MOST_SIZE)
    const place = source.place(CASE)
    const start = isSent(body, 'cursor') ? startIn(textField(body, 'cursor', LONGEST_CURSOR)) : undefined
    const q = isSent(body, 'q') ? textField(body, 'q').trim() : undefined
    const idPrefix = q === undefined ? {} : { idPrefix: `${permit.tenant}/${place.type}/${source.idOf(q)}` }
    const query = { keys: keysIn(call), start, limit: limit + 1, ...idPrefix }
    const found = await casePage({ ...call, place }, query)
    const page = found.slice(0, limit)
    trail?.saw(page)
    const cursor = found.length > limit ? cursorOf(page.at(-1)) : null
    return { data: page.map(({ row }) => shownCase(row)), pagination: { cursor, page_size: limit } }
  },
}

function keysIn({ body, source }: Call): string[] {
  const keys = (name: string, key: (value: string) => string): string[] =>
    isSent(body, name) ? [key(textField(body, name))] : []
  const status = isSent(body, 'status') ? wordField(body, 'status', ['draft', 'review', 'rejected']) : undefined
  return [
    ...(status ? [tokenKey('status', undefined, STATUS[status])] : []),
    ...keys('coordinator', (each) => uriKey('performer', `Practitioner/${source.idOf(each)}`)),
    ...keys('user_id', (each) => uriKey('subject', `Patient/${source.idOf(each)}`)),
  ]
}

function cursorOf(last: MappedRow | undefined): string | null {
  const at = last?.o['authored']
  return last && at instanceof Date ? Buffer.from(JSON.stringify([at.getTime(), last._id])).toString('base64url') : null
}

function startIn(cursor: string): Start {
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as [unknown, unknown]
    if (Number.isSafeInteger(at) && typeof id === 'string') return { at: at as number, id }
  } catch {
    // said below
  }
  throw badField('cursor', ['must be that of an earlier page', 'يجب أن يكون مأخوذًا من صفحة سابقة'])
}
