/** The page behind "no more messages of this kind". */
import { button, notice } from './form.ts'
import type { Frame } from './layout.ts'
import { layout } from './layout.ts'
import { markup } from './markup.ts'
import { textsOf } from './texts/texts.ts'

export interface MessageChoicePage {
  /** of message */
  readonly kind: string
  readonly code: 'email' | 'sms' | 'push'
  readonly isStopped: boolean
}

export function messageChoicePage(frame: Frame, { kind, code, isStopped }: MessageChoicePage): string {
  const texts = textsOf(frame.language).choices
  const kinds: Readonly<Record<string, string | undefined>> = texts.kinds
  const buttons = isStopped
    ? button(texts.again, 'plain', 'again')
    : markup`${button(texts.stop, 'main', 'stop')}${button(texts.stopAll[code], 'plain', 'stop-all')}`
  const content = markup`<p>${texts.about(kinds[kind] ?? texts.other)}</p>
    ${isStopped ? notice('done', texts.isStopped) : notice('calm', texts.isSent)}
    <form method="post" action="${frame.path}?lang=${frame.language}">${buttons}</form>`
  return layout(frame, { title: texts.title, content })
}

export function unknownChoicePage(frame: Frame): string {
  const { unknownTitle, unknown } = textsOf(frame.language).choices
  return layout(frame, { title: unknownTitle, failed: true, content: notice('error', unknown) })
}
