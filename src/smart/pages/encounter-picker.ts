/** Which visit of the patient? */
import type { Target } from './form.ts'
import { form } from './form.ts'
import type { Frame } from './layout.ts'
import { layout } from './layout.ts'
import { markup } from './markup.ts'
import { pickList, wayBack } from './pick-list.ts'
import { textsOf } from './texts/texts.ts'
import { dateText, isolated, periodText } from './words.ts'

export interface EncounterChoice {
  readonly id: string
  /** what kind of visit, or why */
  readonly what?: string
  readonly start?: string
  readonly end?: string
}

export interface EncounterPickerModel extends Target {
  readonly app: string
  readonly patient: string
  readonly encounters: readonly EncounterChoice[]
}

export function encounterPickerPage(frame: Frame, model: EncounterPickerModel): string {
  const texts = textsOf(frame.language).picker
  const picks = model.encounters.map((each) => ({
    value: each.id,
    name: each.what ?? texts.unnamedVisit,
    details: whenOf(frame, each),
  }))
  const content = markup`
    <p class="soft">${texts.encounterIntro(isolated(frame.language, model.app))}</p>
    <h2 id="list"><bdi>${model.patient}</bdi></h2>
    ${form(model, pickList('encounter', 'list', picks))}
    ${wayBack(frame.language, model)}`
  return layout(frame, { title: texts.encounterTitle, content })
}

function whenOf({ language }: Frame, { start, end }: EncounterChoice): string[] {
  if (start === undefined) return []
  const period = end === undefined ? undefined : periodText(language, start, end)
  return [period ?? textsOf(language).picker.since(dateText(language, start))]
}
