/** The version of this release. */
import { readFileSync } from 'node:fs'

const packageFile = new URL('../../package.json', import.meta.url)

export const { version: release } = JSON.parse(readFileSync(packageFile, 'utf8')) as { readonly version: string }
