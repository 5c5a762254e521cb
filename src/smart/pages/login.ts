/** Sign-in by email address and password, or at the clinic's own provider. What is wrong never tells whether there is such an account. */
import type { Target } from './form.ts'
import { button, field, form, notice } from './form.ts'
import type { Frame } from './layout.ts'
import { layout } from './layout.ts'
import type { Markup } from './markup.ts'
import { markup } from './markup.ts'
import { textsOf } from './texts/texts.ts'
import { isolated } from './words.ts'

export interface LoginModel extends Target {
  /** the app that is waiting; none where people come by themselves */
  readonly app?: string
  /** as typed before */
  readonly email?: string
  readonly problem?: 'wrong' | 'locked' | 'missing' | 'providerAway'
  /** the clinic's own sign-in services; an address each */
  readonly providers: readonly { readonly name: string; readonly href: string }[]
}

export function loginPage(frame: Frame, model: LoginModel): string {
  const texts = textsOf(frame.language).login
  const problem = model.problem && texts[model.problem]
  const content = markup`
    ${model.app !== undefined && markup`<p class="soft">${texts.forApp(isolated(frame.language, model.app))}</p>`}
    ${problem !== undefined && notice('error', problem)}
    ${form(model, markup`${fields(frame, model)}${button(texts.submit)}${model.app !== undefined && cancelButton(texts.cancel)}`)}
    ${model.providers.length > 0 && markup`<p class="or">${texts.or}</p>`}
    ${model.providers.map(({ name, href }) => markup`<a class="button plain" href="${href}">${texts.withProvider(isolated(frame.language, name))}</a>`)}`
  return layout(frame, { title: texts.title, failed: problem !== undefined, content })
}

/** Both are to be looked at where either is wrong: the notice describes both. */
function fields({ language }: Frame, { email = '', problem }: LoginModel): Markup {
  const texts = textsOf(language).login
  const isWrong = problem === 'wrong' || problem === 'missing'
  const common = { wrongBy: isWrong ? 'notice' : undefined, leftToRight: true }
  return markup`
    ${field({ ...common, name: 'email', label: texts.email, type: 'email', value: email, autocomplete: 'username', first: email === '' })}
    ${field({ ...common, name: 'password', label: texts.password, type: 'password', autocomplete: 'current-password', first: email !== '', maxLength: 1024 })}`
}

function cancelButton(label: string): Markup {
  return button(label, 'quiet', 'cancel')
}
