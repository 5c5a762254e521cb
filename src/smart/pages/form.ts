/** The parts of a form: fields with their labels and errors, buttons, notices. */
import type { Markup } from './markup.ts'
import { markup } from './markup.ts'

/** Where a form goes, and the token that shows that it came from our page. */
export interface Target {
  readonly action: string
  readonly csrf: string
}

export function form({ action, csrf }: Target, content: Markup): Markup {
  return markup`<form method="post" action="${action}" novalidate><input type="hidden" name="csrf" value="${csrf}" />${content}</form>`
}

export interface Field {
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'email' | 'password' | 'search'
  readonly value?: string
  readonly autocomplete?: string
  readonly inputMode?: 'numeric'
  readonly hint?: string
  /** what is wrong with it */
  readonly error?: string | undefined
  /** id of a notice that says what is wrong with it and others */
  readonly wrongBy?: string | undefined
  /** the first thing to fill in */
  readonly first?: boolean
  /** addresses and codes are read from the left in every language */
  readonly leftToRight?: boolean
  readonly maxLength?: number
}

export function field(each: Field): Markup {
  const { name, label, type = 'text', value = '', hint, error, wrongBy } = each
  const isWrong = error !== undefined || wrongBy !== undefined
  const described = [hint !== undefined && `${name}-hint`, error !== undefined && `${name}-error`, wrongBy].filter(
    Boolean,
  )
  return markup`<div class="${error === undefined ? 'field' : 'field wrong'}">
    <label for="${name}">${label}</label>
    ${hint !== undefined && markup`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${error !== undefined && markup`<p class="error" id="${name}-error">${error}</p>`}
    <input id="${name}" name="${name}" type="${type}" value="${value}" maxlength="${each.maxLength ?? 320}"
      ${attribute('autocomplete', each.autocomplete)} ${attribute('inputmode', each.inputMode)}
      ${each.leftToRight && markup`dir="ltr"`} ${each.first && markup`autofocus`} autocapitalize="none" spellcheck="false"
      ${isWrong && markup`aria-invalid="true"`} ${attribute('aria-describedby', described.join(' ') || undefined)} />
  </div>`
}

function attribute(name: string, value: string | undefined): Markup | undefined {
  return value === undefined ? undefined : markup`${name}="${value}"`
}

type ButtonKind = 'main' | 'plain' | 'danger' | 'quiet'

/** The button of a form; `value` says which was pressed where a form has several. */
export function button(label: string, kind: ButtonKind = 'main', value?: string): Markup {
  return markup`<button class="${kind}" type="submit" ${value !== undefined && markup`name="do" value="${value}"`}>${label}</button>`
}

/** One that goes wrong is read out at once; its id is `notice`, for the fields it is about. */
export function notice(kind: 'error' | 'warning' | 'done' | 'calm', content: Markup | string): Markup {
  return kind === 'error'
    ? markup`<div class="notice error" role="alert" id="notice">${content}</div>`
    : markup`<div class="notice ${kind}">${content}</div>`
}
