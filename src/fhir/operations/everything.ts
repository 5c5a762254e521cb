/**
 * `$everything` of a patient, of all patients and of an encounter (https://hl7.org/fhir/R4/operation-patient-everything.html):
 * with `_count` page by page, all pages of one moment; without it one Bundle, written as it is read.
 */
import { Readable } from 'node:stream'
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { dateRange } from '../../r4/dates.ts'
import type { DateRange } from '../../r4/dates.ts'
import { isResourceType, resourceTypes } from '../../r4/elements.ts'
import { bundleBytes, entriesBytes } from '../bundle.ts'
import type { FhirContext } from '../context.ts'
import type { PageMark } from '../page-token.ts'
import { linksOf, markOf, urlOf } from '../paging.ts'
import { careTime } from '../record/care-dates.ts'
import { assertTypes, recordPage } from '../record/everything.ts'
import type { AskedRecord, RecordPage } from '../record/everything.ts'
import { countInput, textInput } from './inputs.ts'
import type { Inputs } from './inputs.ts'
import type { Call, Input, Operation } from './operation.ts'

const INPUTS: readonly Input[] = [
  { name: '_since', type: 'instant' },
  { name: '_type', type: 'code', repeats: true },
  { name: '_count', type: 'integer' },
  { name: '_page', type: 'string' },
]
const TIMES: readonly Input[] = [
  { name: 'start', type: 'date' },
  { name: 'end', type: 'date' },
]

export const patientEverything: Operation = {
  code: 'everything',
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  levels: ['type', 'instance'],
  access: 'reads',
  resources: ['Patient'],
  heavy: true,
  inputs: [...TIMES, ...INPUTS],
  handle: everything,
}

export const encounterEverything: Operation = {
  code: 'everything',
  definition: 'http://hl7.org/fhir/OperationDefinition/Encounter-everything',
  levels: ['instance'],
  access: 'reads',
  resources: ['Encounter'],
  heavy: true,
  inputs: INPUTS,
  handle: everything,
}

/** Resources read at once where all are answered. */
const BATCH = 500

async function everything(context: FhirContext, { type, id, inputs }: Call): Promise<Answer> {
  const { pageSize } = context.limits
  const sent = countInput(inputs, '_count')
  if (sent !== undefined && sent < 1) throw new GatewayError('GW_BAD_REQUEST', '"_count" is a number of 1 or more.')
  const owner = id === undefined ? undefined : { type: type as 'Patient' | 'Encounter', id }
  const asked = askedOf(inputs, owner)
  const page = textInput(inputs, '_page')
  const count = Math.min(sent ?? pageSize, pageSize)
  return sent === undefined && page === undefined
    ? whole(context, asked, count)
    : paged(context, withCount(asked, count), count, page)
}

function askedOf(inputs: Inputs, owner: AskedRecord['owner']): AskedRecord {
  const types = (inputs.get('_type') ?? []).flatMap((text) => (text as string).split(','))
  assertTypes(types, isResourceType)
  const range = (name: string): DateRange | undefined => dateRange(textInput(inputs, name) ?? '')
  const since = range('_since')?.l
  const sent = ['start', 'end'].flatMap((name) => {
    const text = textInput(inputs, name)
    return text === undefined ? [] : [`${name}=${text}`]
  })
  const parts = [
    ...sent,
    ...(since ? [`_since=${since.toISOString()}`] : []),
    ...(types.length > 0 ? [`_type=${types.join(',')}`] : []),
  ]
  const path = owner ? `${owner.type}/${owner.id}` : 'Patient'
  return {
    ...(owner && { owner }),
    types: types.length > 0 ? types : resourceTypes,
    since,
    time: careTime(range('start'), range('end')),
    text: `${path}/$everything?${parts.join('&')}`,
  }
}

function withCount(asked: AskedRecord, count: number): AskedRecord {
  const { text } = asked
  return { ...asked, text: `${text}${text.endsWith('?') ? '' : '&'}_count=${count}` }
}

async function paged(
  context: FhirContext,
  asked: AskedRecord,
  count: number,
  token: string | undefined,
): Promise<Answer> {
  const mark = markOf(context, asked.text, token)
  const page = await recordPage(context, asked, { mark, count, seen: new Set() })
  const { total, entries, next } = page
  const links = linksOf(context, asked.text, { mark: commonOf(page, mark), page: token, next })
  const body = bundleBytes({ type: 'searchset', total, links, entries })
  return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction: 'everything' }
}

function commonOf({ total, moment }: RecordPage, mark: PageMark | undefined): Omit<PageMark, 'position' | 'back'> {
  return { moment: mark?.moment ?? moment, now: mark?.now ?? Date.now(), ...(total !== undefined && { total }) }
}

/** The first page is read before anything is sent, so that what is refused has a status of its own. */
async function whole(context: FhirContext, asked: AskedRecord, pageSize: number): Promise<Answer> {
  const seen = new Set<string>()
  const count = Math.min(BATCH, context.limits.everythingEntries)
  const first = await recordPage(context, asked, { mark: undefined, count, seen })
  const stream = Readable.from(written(context, asked, { first, seen, pageSize }), { highWaterMark: 1 })
  return { status: 200, headers: { 'Content-Type': FHIR_JSON }, stream, interaction: 'everything' }
}

interface Begun {
  readonly first: RecordPage
  readonly seen: Set<string>
  /** of the pages that follow where there is more than is answered at once */
  readonly pageSize: number
}

/** The links stand at its end: only there it is known whether there is more. */
async function* written(
  context: FhirContext,
  asked: AskedRecord,
  { first, seen, pageSize }: Begun,
): AsyncGenerator<string | Buffer> {
  const { everythingEntries: most } = context.limits
  const common = commonOf(first, undefined)
  yield `{"resourceType":"Bundle","type":"searchset"${first.total === undefined ? '' : `,"total":${first.total}`}`
  if (first.entries.length > 0) {
    yield ',"entry":['
    yield entriesBytes(first.entries)
  }
  let page = first
  for (let count = first.count; page.next && count < most; count += page.count) {
    const mark = { ...common, position: page.next }
    page = await recordPage(context, asked, { mark, count: Math.min(BATCH, most - count), seen, ids: first.ids })
    if (page.entries.length > 0) {
      yield ','
      yield entriesBytes(page.entries)
    }
  }
  const { text } = withCount(asked, pageSize)
  const more = linksOf(context, text, { mark: common, page: undefined, next: page.next })
  const links = [{ relation: 'self', url: urlOf(context, asked.text.replace(/\?$/, '')) }, ...more.slice(1)]
  yield `${first.entries.length > 0 ? ']' : ''},"link":${JSON.stringify(links)}}`
}
