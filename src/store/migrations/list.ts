/** Every migration, oldest first. */
import type { Migration } from './migration.ts'

export const migrations: readonly Migration[] = []
