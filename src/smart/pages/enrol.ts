/** Setting up the second step of sign-in: the picture for an authenticator app, then codes for when it is lost. */
import type { Target } from './form.ts'
import { button, field, form, notice } from './form.ts'
import type { Frame } from './layout.ts'
import { layout } from './layout.ts'
import { markup } from './markup.ts'
import { textsOf } from './texts/texts.ts'

export interface EnrolModel extends Target {
  /** to be typed where no picture can be read */
  readonly secret: string
  /** SVG of what is scanned */
  readonly picture: string
  readonly problem?: 'wrong'
  /** nobody demands it */
  readonly isChosen?: boolean
}

export function enrolPage(frame: Frame, model: EnrolModel): string {
  const { enrol, code, login } = textsOf(frame.language)
  const codeField = field({
    name: 'code',
    label: enrol.code,
    autocomplete: 'one-time-code',
    inputMode: 'numeric',
    leftToRight: true,
    maxLength: 12,
    ...(model.problem && { error: code.wrong }),
  })
  const picture = `data:image/svg+xml;base64,${Buffer.from(model.picture).toString('base64')}`
  const cancel = button(model.isChosen ? enrol.notNow : login.cancel, 'quiet', 'cancel')
  const content = markup`
    <p>${model.isChosen ? enrol.chosen : enrol.intro}</p>
    <p>${enrol.scan}</p>
    <img class="picture" src="${picture}" alt="${enrol.picture}" width="220" height="220" />
    <p class="soft">${enrol.orType}<br /><code dir="ltr">${model.secret.match(/.{1,4}/g)?.join(' ')}</code></p>
    ${form(model, markup`${codeField}${button(enrol.submit)}${cancel}`)}`
  return layout(frame, { title: enrol.title, failed: model.problem !== undefined, content })
}

/** There is one already. */
export function secondStepPage(frame: Frame, href: string): string {
  const { enrol, message } = textsOf(frame.language)
  const content = markup`${notice('done', enrol.isThere)}<a class="button plain" href="${href}">${message.goOn}</a>`
  return layout(frame, { title: enrol.thereTitle, content })
}

export interface RecoveryModel {
  readonly codes: readonly string[]
  /** where it goes on */
  readonly href: string
}

export function recoveryPage(frame: Frame, { codes, href }: RecoveryModel): string {
  const { recoveryTitle, recoveryIntro, goOn } = textsOf(frame.language).enrol
  const content = markup`
    <p>${recoveryIntro}</p>
    <ul class="codes" dir="ltr">${codes.map((each) => markup`<li><code>${each}</code></li>`)}</ul>
    <a class="button main" href="${href}">${goOn}</a>`
  return layout(frame, { title: recoveryTitle, content })
}
