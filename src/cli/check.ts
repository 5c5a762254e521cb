/** `isthmus check`: every mistake of mappings and profiles with file and line; nothing is started. */
import { Command } from 'commander'
import { definitionErrors } from '../conformance/check.ts'
import { loadMappings, readConfiguration } from './context.ts'

export const checkCommand = new Command('check')
  .description('check all mappings and profiles; every mistake with file and line')
  .option('--json', 'print the result as JSON')
  .action(({ json = false }: { json?: boolean }) => {
    const config = readConfiguration()
    const { systems, errors: mistakesOfMappings } = loadMappings(config)
    const errors = [...mistakesOfMappings, ...definitionErrors(config, systems)]
    if (json) {
      const mistakes = errors.map(({ file, line, message }) => ({ file, line, message }))
      process.stdout.write(`${JSON.stringify({ errors: mistakes }, null, 2)}\n`)
    } else {
      for (const { file, line, message } of errors) process.stdout.write(`${file}:${line}: ${message}\n`)
      const mappings = systems.reduce((sum, { lenses }) => sum + lenses.length, 0)
      const checked = `${count(systems.length, 'system')}, ${count(mappings, 'mapping')}`
      if (errors.length === 0) process.stdout.write(`${checked}, no mistakes\n`)
    }
    if (errors.length > 0) process.exitCode = 1
  })

function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? '' : 's'}`
}
