/** What `@jest/globals` is to a test file: the functions that runner.ts was given for it. */
import { functions } from './runner.ts'

export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } = functions()
