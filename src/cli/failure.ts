/** How a program ends that could not do its work: one sentence on standard error where one was meant, else the error. */
import { CommanderError } from 'commander'
import { StartError } from '../kernel/errors.ts'
import { MappingProblem } from '../mapping/errors.ts'
import { isPassing } from '../store/failures.ts'

/** Commander has said its sentence already, and asking for help is no failure. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode
  if (error instanceof StartError) process.stderr.write(`${error.message}\n`)
  else if (error instanceof MappingProblem) process.stderr.write(`${error.mapping} ${error.rule}: ${error.message}\n`)
  else if (isPassing(error)) process.stderr.write('MongoDB stopped answering; see that it runs, and try again.\n')
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return 1
}
