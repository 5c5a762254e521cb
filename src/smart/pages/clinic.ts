/** What went wrong on the way through the clinic's own provider: one sentence, neutral, and the way back. */
import { notice } from './form.ts'
import type { Frame } from './layout.ts'
import { layout } from './layout.ts'
import { markup } from './markup.ts'
import { textsOf } from './texts/texts.ts'

export type ClinicTrouble = 'away' | 'failed' | 'unlinked' | 'weak'

const titles = { away: 'awayTitle', failed: 'failedTitle', unlinked: 'refusedTitle', weak: 'refusedTitle' } as const

/** `back`: address of the sign-in it began with */
export function clinicTroublePage(frame: Frame, trouble: ClinicTrouble, back?: string): string {
  const texts = textsOf(frame.language).clinic
  const content = markup`${notice('error', texts[trouble])}
    ${back !== undefined && markup`<p><a class="button plain" href="${back}">${texts.back}</a></p>`}`
  return layout(frame, { title: texts[titles[trouble]], failed: true, content })
}
