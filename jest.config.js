import { availableParallelism } from 'node:os'

/** jest picks, runs and reports; Node loads the TypeScript, as it does for the gateway (test/support/jest/runner.ts). */
export default {
  testEnvironment: '<rootDir>/test/support/jest/environment.ts',
  testRunner: '<rootDir>/test/support/jest/runner.ts',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {},
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // A guard against what never ends, with room for a machine that is busy with other things
  testTimeout: 60_000,
  // Many tests wait for a database, a browser or a gateway of their own: on two cores a third worker fills that time
  maxWorkers: availableParallelism() + 1,
  workerIdleMemoryLimit: '1GB',
}
