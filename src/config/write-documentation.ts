/** `npm run docs`: writes what is generated from the list of variables. */
import { writeFileSync } from 'node:fs'
import { configurationPage, envExample } from './documentation.ts'

writeFileSync('docs/configuration.md', configurationPage())
writeFileSync('.env.example', envExample())
