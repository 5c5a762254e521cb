/**
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a POST that is sent again is answered as it was, and done
 * once. The key counts for who asks, where they ask.
 */
import { hash, randomUUID } from 'node:crypto'
import { GatewayError } from '../../kernel/errors.ts'
import type { Store } from '../../store/collections.ts'
import type { KeptAnswer, Once } from '../../store/kept-answers.ts'
import { claimAnswer, dropAnswer, keepAnswer, openAnswer } from '../../store/kept-answers.ts'

/** No request is at work for longer: who claimed it before and left nothing was killed. */
const FORGOTTEN = 60_000

export interface Attempt {
  readonly tenant: string
  /** who asks, and where */
  readonly who: string
  readonly key: string
  /** all that is asked */
  readonly content: string
}

export interface OnceWork {
  /** `kept`: of the answer, what is shown again */
  run(once: Once): Promise<{ readonly answer: KeptAnswer; readonly kept: KeptAnswer }>
  /** the answer to what was written by a request that was killed before it was answered */
  again(written: readonly string[]): Promise<KeptAnswer>
}

export async function doOnce(
  store: Store,
  { tenant, who, key, content }: Attempt,
  work: OnceWork,
): Promise<KeptAnswer> {
  const _id = `${tenant}/${hash('sha256', `${who}\n${key}`, 'base64url')}`
  const asked = hash('sha256', content, 'base64url')
  const once = { _id, claim: randomUUID() }
  const there = await claimAnswer(store, { ...once, asked }, new Date(Date.now() - FORGOTTEN))
  if (there) {
    if (there.asked !== asked) throw new GatewayError('GW_UNPROCESSABLE', OTHER)
    if (there.answer) return repeated(openAnswer(store, _id, there.answer))
    if (there.written) return repeated(await work.again(there.written))
    throw new GatewayError('GW_CONFLICT', 'The first request with this Idempotency-Key is still at work: ask again.')
  }
  return firstAnswer(store, once, work)
}

const OTHER = 'This Idempotency-Key was used for another request: take a new one.'

async function firstAnswer(store: Store, once: Once, work: OnceWork): Promise<KeptAnswer> {
  try {
    const { answer, kept } = await work.run(once)
    await keepAnswer(store, once, kept)
    return answer
  } catch (error) {
    await dropAnswer(store, once)
    throw error
  }
}

function repeated(answer: KeptAnswer): KeptAnswer {
  return { ...answer, headers: { ...answer.headers, 'Idempotency-Replayed': 'true' } }
}
