#!/usr/bin/env node
/** The command line: one file a command. A failure is one sentence on standard error and a non-zero exit. */
import { Command } from 'commander'
import { backfillCommand } from './backfill.ts'
import { checkCommand } from './check.ts'
import { clientCommand } from './client.ts'
import { exitCodeOf } from './failure.ts'
import { exportCommand } from './export.ts'
import { initCommand } from './init.ts'
import { loadCommand } from './load.ts'
import { mapCommand, unmapCommand } from './map.ts'
import { mappingsCommand } from './mappings.ts'
import { packageCommand } from './package.ts'
import { problemsCommand } from './problems.ts'
import { serveCommand } from './serve.ts'
import { statusCommand } from './status.ts'
import { tokenCommand } from './token.ts'
import { userCommand } from './user.ts'
import { workerCommand } from './worker.ts'

const program = new Command('isthmus')
  .description('FHIR R4 gateway for clinics whose data lives in MongoDB in their own shapes')
  .exitOverride()
  .showSuggestionAfterError()

for (const command of [
  initCommand,
  serveCommand,
  workerCommand,
  checkCommand,
  mapCommand,
  unmapCommand,
  loadCommand,
  backfillCommand,
  statusCommand,
  exportCommand,
  clientCommand,
  mappingsCommand,
  problemsCommand,
  packageCommand,
  tokenCommand,
  userCommand,
]) {
  program.addCommand(command.exitOverride().showSuggestionAfterError())
}

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}
