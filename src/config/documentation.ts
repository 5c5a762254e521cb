/** What is written about the configuration, out of the one list of variables: docs/configuration.md and `.env.example`. */
import { variables } from './variables.ts'
import type { Variable } from './variables.ts'

export function configurationPage(): string {
  const rows = variables.map(
    (variable) => `| \`${variable.name}\` | ${defaultOf(variable)} | ${variable.description.replaceAll('|', '\\|')} |`,
  )
  return `# Configuration

Everything is said in environment variables; none is needed to try Isthmus. A value that cannot be right stops the start with one sentence that names its variable. Variables marked *secret* hold credentials: give them to the process, never to a log or a ticket.

This page is generated from \`src/config/variables.ts\`: change it there, then \`npm run docs\`.

| variable | default | what it says |
|---|---|---|
${rows.join('\n')}
`
}

export function envExample(): string {
  const entries = variables.map(({ name, default: value = '', description }) => `# ${description}\n#${name}=${value}\n`)
  return `# Copy to .env and take away the # where you want another value. Generated from src/config/variables.ts.\n\n${entries.join('\n')}`
}

function defaultOf({ default: value, secret }: Variable): string {
  return [value === undefined ? '' : `\`${value}\``, secret ? '*secret*' : ''].filter(Boolean).join(' ')
}
