/**
 * Runs test files with jest's own runner, and loads them as Node loads the gateway: its TypeScript, its realm, its modules.
 * jest would read, compile and evaluate every module anew for every file, half of the CPU of a run; here a worker does so
 * once. What a module keeps is there for the next file too, as it is for the next request to a gateway.
 */
import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import type * as Jest from '@jest/globals'
import { useSearchParameters } from '../../../src/r4/search-parameters.ts'

type Functions = Pick<
  typeof Jest,
  'afterAll' | 'afterEach' | 'beforeAll' | 'beforeEach' | 'describe' | 'expect' | 'test'
>

/** What jest gives a runner: its settings, the environment, a loader of modules, the path of the file, and its ear. */
type Parameters = [
  settings: unknown,
  project: unknown,
  environment: unknown,
  loader: unknown,
  path: string,
  ear: unknown,
]

const require = createRequire(import.meta.url)
const circus = require('jest-circus/runner') as { default(...parameters: Parameters): Promise<unknown> }

let files = 0
let given: Functions

export function functions(): Functions {
  return given
}

// A module of its own for each file: a helper that is loaded once has only `expect` of it, which is the same for all
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals'
      ? next(`./globals.ts?file=${files}`, { ...context, parentURL: import.meta.url })
      : next(specifier, context),
})

const loader = {
  /** jest's collector of tests: evaluated anew it is empty. */
  requireInternalModule(path: string): unknown {
    Reflect.deleteProperty(require.cache, path)
    Reflect.deleteProperty(globalThis, Symbol.for('EVENT_HANDLERS'))
    return require(path)
  },
  setGlobalsForRuntime(these: Functions): void {
    given = these
    files++
  },
  requireModule: require,
  unstable_shouldLoadAsEsm: () => true,
  unstable_importModule: (path: string): Promise<unknown> => import(pathToFileURL(path).href),
  enterTestCode: (): void => undefined,
  leaveTestCode: (): void => undefined,
}

// eslint-disable-next-line no-restricted-exports -- jest asks for a default export
export default function run(...[settings, project, environment, , path, ear]: Parameters): Promise<unknown> {
  // What a program names once when it starts: each file is a program
  useSearchParameters([])
  return circus.default(settings, project, environment, loader, path, ear)
}
