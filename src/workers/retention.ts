/** Records whose time is over are erased, of the sources whose `jobs` name it; some at a time, so that nothing else waits. */
import type { Logger } from '../kernel/logger.ts'
import { actEvent } from '../audit/act.ts'
import type { Act } from '../audit/act.ts'
import type { AuditDocument } from '../store/audit-documents.ts'
import { eraseDue } from '../projection/retention.ts'
import type { Source } from '../projection/plan.ts'
import type { WriteBack } from '../projection/write-back.ts'
import { sourcesWith } from './owing/kind.ts'
import type { RegularTask } from './regular.ts'

const HOUR = 3_600_000
/** Of every hour; what is left comes with the next. */
const LONGEST = 60_000
const BY = 'isthmus retention'

export function retentionTask(writeBack: () => WriteBack, log: Logger): RegularTask {
  return {
    name: 'retention',
    everyMilliseconds: HOUR,
    async run() {
      const sources = sourcesWith(writeBack().plan, 'retention')
      for (const tenant of new Set(sources.map((each) => each.tenant))) {
        const done = await eraseDue(writeBack(), {
          ...{ tenant, by: BY, now: new Date(), left: within(LONGEST) },
          isMeant: (source: Source) => sources.includes(source),
          event: (patient, what) => retentionEvent({ tenant, who: { name: BY } }, patient, what),
        })
        if (done.erased + done.open > 0) log.info(done, 'records whose time is over were erased')
      }
    },
  }
}

/** Milliseconds that are left of some. */
export function within(milliseconds: number): () => number {
  const end = performance.now() + milliseconds
  return () => end - performance.now()
}

export function retentionEvent(
  by: Pick<Act, 'tenant' | 'who'>,
  patient: string,
  what: 'begun' | 'finished',
): AuditDocument {
  const entities = [{ p: [patient], n: [`Patient/${patient}`] }]
  return actEvent({ ...by, kind: 'erasure', action: 'D', query: `${what}: retention-over`, what: entities })
}
