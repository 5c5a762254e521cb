/** Stops what global-setup.ts started and removes its data. */
import { rm } from 'node:fs/promises'
import './global-setup.ts'

// eslint-disable-next-line no-restricted-exports -- jest asks for a default export
export default async function stop(): Promise<void> {
  const running = globalThis.isthmusTestServices
  if (!running) return
  await running.services.stop()
  await rm(running.dataDir, { recursive: true, force: true })
}
