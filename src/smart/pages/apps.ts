/** What has access to my data: each app with what it may use, since when and until when, and a button that ends it. */
import type { SmartScope } from '../../access/scope.ts'
import type { ConsentLine } from '../consent/consent.ts'
import { linesOf } from '../consent/consent.ts'
import type { Target } from './form.ts'
import { button, form, notice } from './form.ts'
import type { Frame } from './layout.ts'
import { layout } from './layout.ts'
import type { Markup } from './markup.ts'
import { markup } from './markup.ts'
import type { Language } from './texts/texts.ts'
import { textsOf } from './texts/texts.ts'
import { actionWords, isolated, listed, localeOf, partWords, recordName } from './words.ts'

export interface AppAccess {
  /** of the grant */
  readonly id: string
  readonly app: string
  readonly publisher?: string
  readonly scope: string
  /** the patient in context */
  readonly patient?: string
  readonly since: Date
  readonly lastUsed?: Date
  readonly ends?: Date
}

export interface AppsModel extends Target {
  readonly accesses: readonly AppAccess[]
  /** name of the app whose access was just taken back */
  readonly revoked?: string
  readonly signOut: Target
  /** where a second step of sign-in is set up */
  readonly secondStep: string
}

export function appsPage(frame: Frame, model: AppsModel): string {
  const texts = textsOf(frame.language).apps
  const { accesses, revoked } = model
  const content = markup`
    ${revoked !== undefined && markup`<div role="status">${notice('done', texts.revoked(isolated(frame.language, revoked)))}</div>`}
    <p class="soft">${accesses.length === 0 ? texts.none : texts.intro}</p>
    ${accesses.map((each) => appCard(frame.language, model, each))}
    <a class="button plain" href="${model.secondStep}">${texts.secondStep}</a>
    ${form(model.signOut, button(texts.signOut, 'quiet'))}`
  return layout(frame, { title: texts.title, content, wide: true })
}

function appCard(language: Language, target: Target, access: AppAccess): Markup {
  const { apps, consent } = textsOf(language)
  const { lastUsed, ends } = access
  return markup`<section class="card" aria-labelledby="app-${access.id}">
    <h2 id="app-${access.id}"><bdi>${access.app}</bdi></h2>
    ${access.publisher !== undefined && markup`<p class="soft">${consent.by(isolated(language, access.publisher))}</p>`}
    <dl class="about">
      ${access.patient !== undefined && row(apps.whose, markup`<bdi>${access.patient}</bdi>`)}
      ${mayRows(language, access.scope)}
      ${row(apps.since, time(language, access.since))}
      ${row(apps.lastUsed, lastUsed ? time(language, lastUsed) : apps.never)}
      ${ends && row(apps.ends, time(language, ends))}
    </dl>
    ${form(
      target,
      markup`<button class="danger" type="submit" name="revoke" value="${access.id}" aria-label="${apps.revokeFrom(isolated(language, access.app))}">${apps.revoke}</button>`,
    )}
  </section>`
}

function row(name: string, value: Markup | string): Markup {
  return markup`<div><dt>${name}</dt><dd>${value}</dd></div>`
}

function mayRows(language: Language, scope: string): Markup | Markup[] {
  const { apps, consent } = textsOf(language)
  const groups = [...Map.groupBy(linesOf(scope), ({ level }) => level)]
  if (groups.length === 0) return row(apps.may, consent.identity)
  return groups.map(([level, lines]) =>
    row(level === 'patient' ? apps.mayInRecord : apps.mayInAll, lineList(language, lines)),
  )
}

function lineList(language: Language, lines: readonly ConsentLine[]): Markup {
  return markup`<ul>${lines.map(
    ({ type, letters, parts }) =>
      markup`<li>${recordName(language, type)} <span class="soft">${actionWords(language, letters)}</span>${parts.length > 0 && partList(language, parts)}</li>`,
  )}</ul>`
}

function partList(language: Language, parts: readonly SmartScope[]): Markup {
  const kinds = parts.map((part) => partWords(language, part))
  return markup`<br /><span class="soft">${listed(language, [...new Set(kinds)])}</span>`
}

/** The day is enough to read, and the same in every zone but for a few hours; the element says it exactly. */
function time(language: Language, moment: Date): Markup {
  const text = new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'long', timeZone: 'UTC' }).format(moment)
  return markup`<time datetime="${moment.toISOString()}">${text}</time>`
}
