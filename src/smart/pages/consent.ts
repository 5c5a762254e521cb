/** What an app asks for, line by line, and what of it the user gives. Nothing is given before the last button is pressed. */
import type { Choices, ConsentLine } from '../consent/consent.ts'
import { linesOf } from '../consent/consent.ts'
import { consentLine } from './consent-line.ts'
import type { EncounterChoice } from './encounter-picker.ts'
import type { Target } from './form.ts'
import { button, form, notice } from './form.ts'
import type { Frame } from './layout.ts'
import { layout } from './layout.ts'
import type { Markup } from './markup.ts'
import { markup } from './markup.ts'
import { textsOf } from './texts/texts.ts'
import { dateText, isolated, listed } from './words.ts'

export interface ConsentModel extends Target {
  readonly app: { readonly name: string; readonly publisher?: string; readonly verified: boolean }
  /** the scopes, as asked for */
  readonly asked: string
  /** at first everything; what was chosen where that was not enough */
  readonly choices: Choices
  readonly nothingChosen?: boolean
  /** the one in context */
  readonly patient?: { readonly name?: string; readonly birthDate?: string }
  readonly encounter?: EncounterChoice
  /** days that access lasts when it is kept, at most and unused; minutes that it lasts otherwise */
  readonly offlineDays: number
  readonly unusedDays: number
  readonly minutes: number
}

export function consentPage(frame: Frame, model: ConsentModel): string {
  const texts = textsOf(frame.language).consent
  const { app } = model
  const content = markup`
    ${model.nothingChosen && notice('error', texts.nothing)}
    ${aboutApp(frame, model)}
    ${!app.verified && notice('warning', texts.unverifiedWarning)}
    ${aboutRecord(frame, model)}
    ${form(
      model,
      markup`${recordLines(frame, model)}${identity(frame, model.asked)}${lasting(frame, model)}
        <div class="buttons">${button(texts.allow, 'main', 'allow')}${button(texts.deny, 'plain', 'deny')}</div>`,
    )}`
  return layout(frame, {
    title: texts.title(isolated(frame.language, app.name)),
    failed: model.nothingChosen === true,
    content,
    wide: true,
  })
}

function aboutApp({ language }: Frame, { app }: ConsentModel): Markup {
  const texts = textsOf(language).consent
  return markup`<p class="app">
    ${app.publisher !== undefined && markup`<span>${texts.by(isolated(language, app.publisher))}</span>`}
    <span class="${app.verified ? 'badge good' : 'badge'}">${app.verified ? texts.verified : texts.unverified}</span>
  </p>`
}

function aboutRecord({ language }: Frame, { patient, encounter }: ConsentModel): Markup | undefined {
  if (!patient) return undefined
  const { consent, picker } = textsOf(language)
  const born = patient.birthDate !== undefined && picker.born(dateText(language, patient.birthDate))
  const visited = encounter?.start !== undefined && dateText(language, encounter.start)
  return markup`<dl class="about">
    <div><dt>${consent.whose}</dt><dd><bdi class="name">${patient.name ?? picker.unnamedPatient}</bdi>${born && markup` <span class="soft">${born}</span>`}</dd></div>
    ${encounter && markup`<div><dt>${consent.visit}</dt><dd><bdi>${encounter.what ?? picker.unnamedVisit}</bdi>${visited && markup` <span class="soft">${visited}</span>`}</dd></div>`}
  </dl>`
}

function recordLines(frame: Frame, model: ConsentModel): Markup | undefined {
  const texts = textsOf(frame.language).consent
  const lines = linesOf(model.asked)
  if (lines.length === 0) return undefined
  const heading = { patient: patientHeading(frame, model), user: texts.userLines, system: texts.systemLines }
  const groups = [...Map.groupBy(lines, ({ level }) => level)]
  return markup`
    <p class="soft">${texts.linesHint}</p>
    ${lines.some(({ type }) => type === '*') && notice('warning', texts.wildcardWarning)}
    ${groups.map(([level, members]) => group(frame, heading[level], members, model.choices))}
    ${lines.some(({ letters }) => /[cud]/.test(letters)) && notice('calm', texts.writes)}`
}

function patientHeading({ language }: Frame, { patient }: ConsentModel): string {
  const { consent, picker } = textsOf(language)
  if (!patient) return consent.patientLinesOwn
  return consent.patientLines(isolated(language, patient.name ?? picker.unnamedPatient))
}

function group(frame: Frame, heading: string, lines: readonly ConsentLine[], choices: Choices): Markup {
  return markup`<fieldset class="lines"><legend><h2>${heading}</h2></legend>
    <ul>${lines.map((line) => consentLine(frame.language, line, choices))}</ul>
  </fieldset>`
}

/** Scopes of nobody we know are shown as they are: what the clinic registered for this app alone. */
function identity({ language }: Frame, asked: string): Markup {
  const texts = textsOf(language).consent
  const scopes = asked.split(' ')
  const others = scopes.filter((each) => /^(__|\w+:\/\/)/.test(each))
  return markup`
    ${scopes.includes('fhirUser') || scopes.includes('openid') ? markup`<p>${texts.identity}</p>` : ''}
    ${others.length > 0 && markup`<p>${texts.custom}: <bdi dir="ltr">${listed(language, others)}</bdi></p>`}`
}

function lasting({ language }: Frame, { asked, choices, offlineDays, unusedDays, minutes }: ConsentModel): Markup {
  const texts = textsOf(language).consent
  const scopes = asked.split(' ')
  const isOffline = scopes.includes('offline_access')
  if (!isOffline && !scopes.includes('online_access'))
    return markup`<p class="soft">${texts.duration(minutes)} ${texts.takeBack}</p>`
  return markup`<div class="line"><label class="choice">
      <input type="checkbox" name="offline" value="yes" ${choices.offline && markup`checked`} aria-describedby="lasting" />
      <span>${isOffline ? texts.offline : texts.online}</span></label>
    <p class="hint under" id="lasting">${isOffline ? texts.offlineHint(unusedDays, offlineDays) : texts.onlineHint} ${texts.durationWithout(minutes)} ${texts.takeBack}</p></div>`
}
