/** A list of which one is taken by its button. */
import type { Target } from './form.ts'
import { button, form } from './form.ts'
import type { Markup } from './markup.ts'
import { markup } from './markup.ts'
import type { Language } from './texts/texts.ts'
import { textsOf } from './texts/texts.ts'

export interface Pick {
  readonly value: string
  readonly name: string
  readonly details: readonly string[]
}

/** `heading`: id of what names the list. */
export function pickList(name: string, heading: string, picks: readonly Pick[]): Markup {
  return markup`<ul class="picks" aria-labelledby="${heading}">${picks.map(
    (each) =>
      markup`<li><button class="pick" type="submit" name="${name}" value="${each.value}"><span class="name"><bdi>${each.name}</bdi></span>${each.details.map((detail) => markup` <span class="soft"><bdi>${detail}</bdi></span>`)}</button></li>`,
  )}</ul>`
}

/** For who finds nothing to take. */
export function wayBack(language: Language, target: Target): Markup {
  return form(target, button(textsOf(language).login.cancel, 'quiet', 'cancel'))
}
