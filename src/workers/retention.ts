/** Records whose time is over are erased, of the sources whose `jobs` name it; some at a time, so that nothing else waits. */
import { actEvent } from '../audit/act.ts'
import { Deadline } from '../kernel/deadline.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Source } from '../projection/plan.ts'
import { tenantsOf } from '../projection/plan-tenants.ts'
import { eraseDue, retentionAct } from '../projection/retention.ts'
import { projectionState } from '../projection/status.ts'
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
      const { store, plan } = writeBack()
      // It comes again in an hour
      if (!(await projectionState(store, plan)).caughtUp) return
      const sources = sourcesWith(plan, 'retention')
      for (const tenant of await tenantsOf(store, sources)) {
        const deadline = new Deadline(LONGEST)
        const done = await eraseDue(writeBack(), {
          ...{ tenant, by: BY, now: new Date(), left: () => deadline.left },
          isMeant: (source: Source) => sources.includes(source),
          event: (patient, what) => actEvent({ tenant, who: { name: BY }, ...retentionAct(patient, what) }),
        })
        if (done.erased + done.open > 0) log.info(done, 'records whose time is over were erased')
      }
    },
  }
}
