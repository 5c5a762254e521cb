/** The second step of sign-in: the code of an authenticator app (RFC 6238). */
import type { Target } from './form.ts'
import { button, field, form } from './form.ts'
import type { Frame } from './layout.ts'
import { layout } from './layout.ts'
import { markup } from './markup.ts'
import { textsOf } from './texts/texts.ts'

export interface CodeModel extends Target {
  readonly problem?: 'wrong' | 'locked'
}

export function codePage(frame: Frame, model: CodeModel): string {
  const { code, login } = textsOf(frame.language)
  const problem = model.problem && { wrong: code.wrong, locked: login.locked }[model.problem]
  const codeField = field({
    name: 'code',
    label: code.label,
    hint: code.hint,
    autocomplete: 'one-time-code',
    inputMode: 'numeric',
    leftToRight: true,
    first: true,
    // a recovery code is longer
    maxLength: 32,
    ...(problem !== undefined && { error: problem }),
  })
  const content = form(model, markup`${codeField}${button(code.submit)}${button(login.cancel, 'quiet', 'cancel')}`)
  return layout(frame, { title: code.title, failed: problem !== undefined, content })
}
