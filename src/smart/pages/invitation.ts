/** The pages of an invitation: choosing a password or the clinic's own login, and what became of it. */
import type { Target } from './form.ts'
import { button, field, form, notice } from './form.ts'
import type { Frame } from './layout.ts'
import { layout } from './layout.ts'
import type { Markup } from './markup.ts'
import { markup } from './markup.ts'
import { textsOf } from './texts/texts.ts'

export interface InvitationModel extends Target {
  readonly email: string
  /** name of the clinic's own provider, where there is one */
  readonly provider?: string
  readonly isRefused?: boolean
}

export function invitationPage(frame: Frame, model: InvitationModel): string {
  const texts = textsOf(frame.language).invitation
  const { email, provider, isRefused = false } = model
  const password = field({
    ...{ name: 'password', label: texts.password, hint: texts.passwordHint, type: 'password' },
    ...{ autocomplete: 'new-password', leftToRight: true, maxLength: 1024, first: true },
    error: isRefused ? texts.refused : undefined,
  })
  const linking = provider === undefined ? undefined : button(texts.link(provider), 'plain', 'link')
  const content = markup`<p>${texts.intro(email)}</p>
    ${form(model, markup`${username(frame, email)}${password}${button(texts.submit)}`)}
    ${linking && markup`<p class="or">${texts.or}</p>${form(model, linking)}`}`
  return layout(frame, { title: texts.title, failed: isRefused, content })
}

/** Seen by password managers only, which keep the password for it. */
function username({ language }: Frame, email: string): Markup {
  const label = markup`<label for="username">${textsOf(language).login.email}</label>`
  return markup`<div hidden>${label}<input id="username" name="username" value="${email}" autocomplete="username" readonly /></div>`
}

/** A form is held to this origin, redirects included: the browser goes on to the provider by itself. */
export function linkingPage(frame: Frame, provider: string, href: string): string {
  const title = textsOf(frame.language).login.withProvider(provider)
  return layout(frame, {
    title,
    goesOnTo: href,
    content: markup`<p><a class="button plain" href="${href}">${title}</a></p>`,
  })
}

export function acceptedPage(frame: Frame, how: { readonly email: string } | { readonly provider: string }): string {
  const texts = textsOf(frame.language).invitation
  const sentence = 'email' in how ? texts.done(how.email) : texts.linked(how.provider)
  const content = markup`${notice('done', sentence)}<p><a class="button plain" href="/oauth/apps">${texts.apps}</a></p>`
  return layout(frame, { title: texts.doneTitle, content })
}

export function invitationTroublePage(frame: Frame, trouble: 'over' | 'taken'): string {
  const texts = textsOf(frame.language)
  const title = trouble === 'over' ? texts.invitation.overTitle : texts.clinic.refusedTitle
  return layout(frame, { title, failed: true, content: notice('error', texts.invitation[trouble]) })
}
