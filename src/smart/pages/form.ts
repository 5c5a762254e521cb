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
  /** the first thing to fill in */
  readonly first?: boolean
  /** addresses and codes are read from the left in every language */
  readonly leftToRight?: boolean
  readonly maxLength?: number
}

export function field(each: Field): Markup {
  const { name, label, type = 'text', value = '', hint, error } = each
  const described = [hint !== undefined && `${name}-hint`, error !== undefined && `${name}-error`].filter(Boolean)
  return markup`<div class="${error === undefined ? 'field' : 'field wrong'}">
    <label for="${name}">${label}</label>
    ${hint !== undefined && markup`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${error !== undefined && markup`<p class="error" id="${name}-error">${error}</p>`}
    <input id="${name}" name="${name}" type="${type}" value="${value}" required maxlength="${each.maxLength ?? 320}"
      ${attribute('autocomplete', each.autocomplete)} ${attribute('inputmode', each.inputMode)}
      ${each.leftToRight && markup`dir="ltr"`} ${each.first && markup`autofocus`} autocapitalize="none" spellcheck="false"
      ${error !== undefined && markup`aria-invalid="true"`} ${attribute('aria-describedby', described.join(' ') || undefined)} />
  </div>`
}

function attribute(name: string, value: string | undefined): Markup | undefined {
  return value === undefined ? undefined : markup`${name}="${value}"`
}

/** The button of a form; `name` and `value` where a form has several. */
export function button(label: string, kind: 'main' | 'plain' | 'danger' = 'main', value?: string): Markup {
  return markup`<button class="${kind}" type="submit" ${value !== undefined && markup`name="do" value="${value}"`}>${label}</button>`
}

export function notice(kind: 'error' | 'warning' | 'done' | 'calm', content: Markup | string): Markup {
  return markup`<div class="notice ${kind}" ${kind === 'error' && markup`role="alert"`}>${content}</div>`
}
