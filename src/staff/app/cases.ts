/** Cases as a Permit shows them, and what is written with every change of one. */
import type { Asked } from '../../audit/asked.ts'
import type { Row } from '../../mapping/lens.ts'
import type { RowChange } from '../../projection/operation.ts'
import { findMapped } from '../../store/mapped-rows.ts'
import type { MappedRow } from '../../store/mapped-rows.ts'
import { assertDraft } from './case-fields.ts'
import type { Call } from './endpoint.ts'
import type { Body } from './fields.ts'
import { textField } from './fields.ts'
import type { SecondOpinions } from './second-opinions.ts'
import { textOf } from './second-opinions.ts'
import { noSuchCase } from './words.ts'

export const CASE = 'sop/case'

/** The latest made first. */
export const NEWEST = { 'o.authored': -1, _id: 1 } as const

/** The case that the body names. Throws 404, in the same words for whatever may not be seen. */
export async function caseIn({ body, permit, store, source, deadline, trail }: Call): Promise<MappedRow> {
  const key = textField(body, 'case_id')
  const place = source.place(CASE)
  const filter = { _id: `${permit.tenant}/${place.type}/${source.idOf(key)}` }
  const [found] = await findMapped(store, permit, place, { filter, limit: 1 }, deadline)
  if (!found || textOf(found.row, 'case_id') !== key) throw noSuchCase()
  trail?.saw([found])
  return found
}

/** A status is a milestone of a case once. */
export function milestone({ source }: Pick<Call, 'source'>, key: string, status: string): RowChange {
  const edit: RowChange['edit'] = (row, at) => row ?? { created_date: source.stamp(at) }
  return { mapping: 'sop/case-milestone', key: [key, status], follows: true, edit }
}

/** Of a case that is no draft any more nothing is changed; whoever sent it may. */
export function draftChange(key: string, edit: (row: Row) => Row): RowChange {
  const ofDraft: RowChange['edit'] = (row) => {
    if (!row) throw noSuchCase()
    assertDraft(row)
    return edit(row)
  }
  return { mapping: CASE, key: [key], isOwners: true, edit: ofDraft }
}

/** As a request of FHIR for one case would be. */
export function ofCase(kind: string, action: Asked['action']) {
  return (body: Body, { idOf }: SecondOpinions): Asked => {
    const key = body['case_id']
    const target = typeof key === 'string' && key !== '' ? `ServiceRequest/${idOf(key)}` : 'ServiceRequest'
    return { kind, action, target }
  }
}

export function searchOf(type: string): () => Asked {
  return () => ({ kind: 'search-type', action: 'E', target: type })
}
