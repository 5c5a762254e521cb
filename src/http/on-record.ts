/** What is asked of an API goes on record before its answer goes out: what was given out, changed or refused, for whom. */
import type { Caller } from '../access/caller.ts'
import type { Spool } from '../audit/spool.ts'
import type { Trail } from '../audit/trail.ts'
import type { Logger } from '../kernel/logger.ts'
import type { AuditAgent } from '../store/audit-documents.ts'
import type { Answer } from './answer.ts'
import { errorAnswer } from './outcome.ts'

export interface RecordParts {
  readonly spool: Pick<Spool, 'put'>
  readonly log: Logger
}

/** What `work` throws is on record as well, and thrown. */
export async function answerOnRecord<T extends Pick<Answer, 'status' | 'stream'>>(
  { spool, log }: RecordParts,
  trail: Trail,
  work: () => Promise<T>,
): Promise<T> {
  let answer: T
  try {
    answer = await work()
  } catch (error) {
    await putOnRecord(spool, trail, errorAnswer(error).status)
    throw error
  }
  await putOnRecord(spool, trail, answer.status)
  // What is read while it is sent is told when all of it was
  answer.stream?.once('close', () => {
    const lost = (error: unknown): void => log.error({ err: error }, LOST)
    if (trail.hasMore()) putOnRecord(spool, trail, answer.status).catch(lost)
  })
  return answer
}

const LOST = 'of an answer that is being sent, the audit has the beginning only'

export async function putOnRecord(spool: Pick<Spool, 'put'>, trail: Trail, status: number): Promise<void> {
  const events = trail.end(status)
  if (events.length > 0) await spool.put(events)
}

export function agentOf(caller: Caller, address: string | undefined): AuditAgent {
  const { credential, token } = caller
  const from = { ...(token !== undefined && { token }), ...(address !== undefined && { address }) }
  if (!credential) return { name: caller.by, ...from }
  const { client, user } = credential
  return {
    ...(user && { account: user.account, ...(user.person !== undefined && { person: user.person }) }),
    client,
    ...from,
  }
}
