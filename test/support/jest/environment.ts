/**
 * Where a test file runs: in Node's own realm, as the gateway does (runner.ts). Of what jest asks of an environment only
 * the console is used; no module is mocked and no clock is false.
 */
// eslint-disable-next-line no-restricted-exports -- jest asks for a default export
export default class Environment {
  readonly global: { console?: Console } = {}
  readonly moduleMocker = { restoreAllMocks: (): void => undefined }
  readonly fakeTimers = null
  readonly fakeTimersModern = null
  readonly #console = globalThis.console

  getVmContext(): null {
    return null
  }

  setup(): Promise<void> {
    if (this.global.console) globalThis.console = this.global.console
    return Promise.resolve()
  }

  teardown(): Promise<void> {
    globalThis.console = this.#console
    return Promise.resolve()
  }
}
