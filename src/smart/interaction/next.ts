/** After a form: the page of the dialog as it is now (303, so that nothing is sent twice). */
import type { Answer } from '../../http/answer.ts'
import { seeOther } from '../pages/page-answer.ts'
import type { Dialog } from './dialog.ts'

export function next({ frame }: Dialog, cookie?: string): Answer {
  return seeOther(frame.path, cookie)
}
