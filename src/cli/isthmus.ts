#!/usr/bin/env node
/**
 * The command line: one file a command. A failure is one sentence on standard error and a non-zero exit.
 *
 * Only the command that is asked for is loaded: each begins within a moment, whatever the others need.
 */
import { Command } from 'commander'
import { exitCodeOf } from './failure.ts'
import { heedOutput } from '../kernel/output.ts'

/** In the order in which help shows them. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./init.ts')).initCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  worker: async () => (await import('./worker.ts')).workerCommand,
  check: async () => (await import('./check.ts')).checkCommand,
  map: async () => (await import('./map.ts')).mapCommand,
  unmap: async () => (await import('./map.ts')).unmapCommand,
  load: async () => (await import('./load.ts')).loadCommand,
  backfill: async () => (await import('./backfill.ts')).backfillCommand,
  status: async () => (await import('./status.ts')).statusCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  audit: async () => (await import('./audit.ts')).auditCommand,
  client: async () => (await import('./client.ts')).clientCommand,
  mappings: async () => (await import('./mappings.ts')).mappingsCommand,
  problems: async () => (await import('./problems.ts')).problemsCommand,
  retention: async () => (await import('./retention.ts')).retentionCommand,
  parked: async () => (await import('./parked.ts')).parkedCommand,
  subscriptions: async () => (await import('./subscription-list.ts')).subscriptionsCommand,
  package: async () => (await import('./package.ts')).packageCommand,
  seal: async () => (await import('./seal.ts')).sealCommand,
  token: async () => (await import('./token.ts')).tokenCommand,
  'app-token': async () => (await import('./app-token.ts')).appTokenCommand,
  message: async () => (await import('./message.ts')).messageCommand,
  user: async () => (await import('./user.ts')).userCommand,
}

const program = new Command('isthmus')
  .description('FHIR R4 gateway for clinics whose data lives in MongoDB in their own shapes')
  .exitOverride()
  .showSuggestionAfterError()

/** All of them for help, and for what is no command. */
function loaders(asked = ''): (() => Promise<Command>)[] {
  const one = Object.hasOwn(commands, asked) ? commands[asked] : undefined
  return one ? [one] : Object.values(commands)
}

for (const load of loaders(process.argv[2])) {
  program.addCommand((await load()).exitOverride().showSuggestionAfterError())
}

heedOutput()
try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}
