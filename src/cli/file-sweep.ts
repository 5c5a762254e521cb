/** Files that were stored for writes that never came are swept, now and then, by every program that runs long. */
import type { Limits } from '../kernel/limits.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Store } from '../store/collections.ts'
import { sweepFiles } from '../store/files.ts'

const EVERY = 600_000

/** What may still be on its way is left alone. */
export function sweepFilesRegularly(store: Store, { uploadMilliseconds }: Limits, log: Logger): () => void {
  const sweep = async (): Promise<void> => {
    try {
      const count = await sweepFiles(store, new Date(Date.now() - uploadMilliseconds - EVERY))
      if (count > 0) log.info({ count }, 'files that nothing names were removed')
    } catch (error) {
      log.warn({ err: error }, 'files could not be swept; it is tried again')
    }
  }
  const timer = setInterval(() => void sweep(), EVERY)
  timer.unref()
  void sweep()
  return () => clearInterval(timer)
}
