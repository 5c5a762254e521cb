/** One case with all that belongs to it: documents, who was asked, what was said, and its history. */
import type { DiagnosticReport, Provenance, Task } from '@medplum/fhirtypes'
import { findOne, itemsOf, itemWith } from '../../kind.ts'
import type { ApiOperation, ApiRequest } from '../../operation.ts'
import { namedOf, words } from '../../plain.ts'
import type { NamesOf } from '../../plain.ts'
import { documents } from '../clinical/documents.ts'
import { withReports } from './reports.ts'
import { cases } from './view.ts'

const MOST = '100'

const taskStatus = words({ open: 'accepted', asked: 'requested', cancelled: 'cancelled', done: 'completed' })

/** Displays say the names of doctors. */
const asDisplayed: NamesOf = () => undefined

export const getCase: ApiOperation = {
  async handle(request) {
    const bare = await findOne(cases, request, request.path['id'] as string)
    const reference = `ServiceRequest/${bare.id}`
    const [[found], files, tasks, reports, history] = await Promise.all([
      withReports(request, [bare]),
      itemsOf(documents, { ...request, query: { limit: 100 } }, [['related', reference]]),
      ofCase(request, 'Task', 'focus', reference),
      ofCase(request, 'DiagnosticReport', 'based-on', reference),
      ofCase(request, 'Provenance', 'target', reference),
    ])
    const whole = {
      ...(found ?? bare),
      documents: files.items,
      tasks: tasks.map(taskOf),
      reports: reports.map(reportOf),
      milestones: history.map(milestoneOf).toSorted((a, b) => (a.at ?? '').localeCompare(b.at ?? '')),
    }
    return itemWith(whole)
  },
}

async function ofCase<T extends 'Task' | 'DiagnosticReport' | 'Provenance'>(
  { records }: ApiRequest,
  type: T,
  parameter: string,
  reference: string,
): Promise<Awaited<ReturnType<typeof records.search<T>>>['found']> {
  const { found } = await records.search(type, [
    [parameter, reference],
    ['_count', MOST],
    ['_total', 'none'],
  ])
  return found
}

function taskOf({ id, code, status, owner, authoredOn, input = [] }: Task): object {
  return {
    id,
    kind: code?.coding?.[0]?.code === 'case-coordination' ? 'coordination' : 'review',
    status: taskStatus.wordOf(status) ?? status,
    doctor: namedOf(owner, asDisplayed),
    assigned: authoredOn,
    requestedDocuments: input.flatMap(({ valueString }) => valueString ?? []),
  }
}

function reportOf({ id, performer, conclusion }: DiagnosticReport): object {
  return { id, doctor: namedOf(performer?.[0], asDisplayed), conclusion }
}

function milestoneOf({ activity, recorded }: Provenance): { readonly status: string; readonly at: string | undefined } {
  return { status: activity?.text ?? '', at: recorded }
}
