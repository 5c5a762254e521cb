/** Whose record? Staff search among the patients they may see; patients and representatives have a list. */
import type { Target } from './form.ts'
import { button, field, form, notice } from './form.ts'
import type { Frame } from './layout.ts'
import { layout } from './layout.ts'
import type { Markup } from './markup.ts'
import { markup } from './markup.ts'
import { pickList, wayBack } from './pick-list.ts'
import { textsOf } from './texts/texts.ts'
import { dateText, isolated } from './words.ts'

export interface PatientChoice {
  readonly id: string
  readonly name?: string
  readonly birthDate?: string
  /** a number the clinic knows them by */
  readonly number?: string
}

export interface PatientPickerModel extends Target {
  readonly app: string
  /** may search, and searched for that; a list of their own otherwise */
  readonly search?: { readonly text: string; readonly isAsked: boolean }
  readonly patients: readonly PatientChoice[]
  /** there are more than are shown */
  readonly more: boolean
}

export function patientPickerPage(frame: Frame, model: PatientPickerModel): string {
  const texts = textsOf(frame.language).picker
  const isListed = model.search === undefined || model.search.isAsked
  const content = markup`
    <p class="soft">${texts.patientIntro(isolated(frame.language, model.app))}</p>
    ${model.search && searchForm(frame, model, model.search.text)}
    ${isListed && patientList(frame, model)}
    ${wayBack(frame.language, model)}`
  return layout(frame, { title: texts.patientTitle, content })
}

/** By POST: names do not belong into addresses. */
function searchForm({ language }: Frame, target: Target, text: string): Markup {
  const { search, searchHint, searchSubmit } = textsOf(language).picker
  const words = field({
    name: 'text',
    label: search,
    hint: searchHint,
    type: 'search',
    value: text,
    first: true,
    maxLength: 200,
  })
  return markup`<search>${form(target, markup`${words}${button(searchSubmit, 'main', 'search')}`)}</search>`
}

function patientList({ language }: Frame, model: PatientPickerModel): Markup {
  const texts = textsOf(language).picker
  if (model.patients.length === 0) return notice('calm', model.search ? texts.none : texts.noRecords)
  const picks = model.patients.map(({ id, name, birthDate, number }) => ({
    value: id,
    name: name ?? texts.unnamedPatient,
    details: [
      ...(birthDate === undefined ? [] : [texts.born(dateText(language, birthDate))]),
      ...(number === undefined ? [] : [number]),
    ],
  }))
  return markup`
    <h2 id="list">${model.search ? texts.found : texts.yours}</h2>
    ${form(model, pickList('patient', 'list', picks))}
    ${model.more && markup`<p class="soft">${texts.more}</p>`}`
}
