/** Every migration, oldest first. */
import type { Migration } from './migration.ts'
import { renewSearchKeys } from './search-keys.ts'

export const migrations: readonly Migration[] = [renewSearchKeys]
