/** Stops what global-setup.ts started and removes its data. */
import './global-setup.ts'

// eslint-disable-next-line no-restricted-exports -- jest asks for a default export
export default async function stop(): Promise<void> {
  await globalThis.stopIsthmusTestServices?.()
}
