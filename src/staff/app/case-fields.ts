/** What somebody says of a case when saving it, as columns; and a case as the app is shown it. */
import { normaliseWord } from '../../mapping/code-table.ts'
import type { Row } from '../../mapping/lens.ts'
import { savedDocuments, storedDocuments } from './documents.ts'
import type { Body } from './fields.ts'
import { optionalText, textField, wholeField, wordField } from './fields.ts'
import { isOn, plain, plainList, plainNumber } from './plain.ts'
import { ToldError } from './words.ts'

export const OLDEST = 150
const LONGEST_HISTORY = 100_000

export interface CaseFields {
  readonly columns: Row
  readonly status: 'draft' | 'review'
  /** the column, from what is there now; undefined: nothing was said of documents */
  readonly documents: ((before: unknown) => unknown) | undefined
}

export function caseFields(body: Body): CaseFields {
  const documents = savedDocuments(body)
  const status = wordField(body, 'status', ['draft', 'review'])
  return {
    status,
    columns: {
      rt_id: textField(body, 'rt_id'),
      dc_id: textField(body, 'dc_id'),
      patient_age: wholeField(body, 'patient_age', 0, OLDEST),
      patient_gender: wordField(body, 'patient_gender', ['male', 'female']),
      status,
      ...historyIn(body),
    },
    documents: documents && ((before) => storedDocuments(documents, before)),
  }
}

/** What is not said stays as it is; an empty text or null takes it away. */
function historyIn(body: Body): Row {
  if (body['medical_history'] === undefined) return {}
  return { medical_history: optionalText(body, 'medical_history', LONGEST_HISTORY) ?? null }
}

export function statusIn(row: Row): string {
  return normaliseWord(row['status'] ?? '')
}

export function assertDraft(row: Row): void {
  if (statusIn(row) === 'draft') return
  throw new ToldError('GW_CONFLICT', [
    'This case was submitted and cannot be changed any more.',
    'أُرسلت هذه الحالة للمراجعة ولم يعد تعديلها ممكنًا.',
  ])
}

/** The columns of the row; what the app reads as numbers and lists is that. */
export function shownCase(row: Row) {
  return {
    case_id: plain(row['case_id']),
    user_id: plain(row['user_id']),
    rt_id: plain(row['rt_id']),
    dc_id: plain(row['dc_id']),
    patient_age: plainNumber(row['patient_age']),
    patient_gender: plain(row['patient_gender']),
    status: plain(row['status']),
    medical_history: plain(row['medical_history']),
    medical_documents: plainList(row['medical_documents']),
    reject_reason: plain(row['reject_reason']),
    case_coordinator_id: plain(row['case_coordinator_id']),
    is_notified: isOn(row['is_notified']) ? 1 : 0,
    created_date: plain(row['created_date']),
    updated_date: plain(row['updated_date']),
  }
}
