/** A batch: each entry is a request of its own, with a commit and a status of its own; a failure stops no other. */
import type { BundleEntry } from '@medplum/fhirtypes'
import type { Answer, FhirRequest } from '../../http/answer.ts'
import { errorAnswer, isDefect } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { answeredEntry, entryRequest } from '../bundle-entry.ts'
import type { Route } from '../bundle-entry.ts'
import type { FhirContext } from '../context.ts'

export interface BatchAnswer {
  readonly entries: readonly string[]
  /** what went wrong inside the gateway, for its log */
  readonly defects: readonly unknown[]
}

export async function batch(
  { request }: FhirContext,
  sent: readonly BundleEntry[],
  route: Route,
): Promise<BatchAnswer> {
  const entries: string[] = []
  const defects: unknown[] = []
  for (const [index, entry] of sent.entries()) {
    const answer = await attempt(() => {
      if (request.deadline.isOver) throw outOfTime()
      return route(entryRequest(request, entry, `Bundle.entry[${index}]`))
    }, defects)
    if (answer.status >= 400) recordRefusal(request, entry, answer)
    entries.push(answeredEntry(answer))
  }
  return { entries, defects }
}

async function attempt(work: () => Promise<Answer>, defects: unknown[]): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (isDefect(error)) defects.push(error)
    return errorAnswer(error)
  }
}

function recordRefusal({ trail }: FhirRequest, { request }: BundleEntry, { status }: Answer): void {
  const [path = ''] = (request?.url ?? '').split('?')
  trail?.refused(request?.method ?? '', path.split('/'), status)
}

function outOfTime(): GatewayError {
  return new GatewayError('GW_TIMEOUT', 'The time of the batch was over before this entry: send it again.')
}
