import { availableParallelism } from 'node:os'

/** jest runs the TypeScript as Node does: ES modules, types stripped by swc. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // A guard against what never ends, with room for a machine that is busy with other things
  testTimeout: 60_000,
  // Many tests wait for a database, a browser or a gateway of their own: on two cores a third worker fills that time
  maxWorkers: availableParallelism() + 1,
  workerIdleMemoryLimit: '1GB',
}
