/** A real Chromium for the tests of pages: the one on PATH, else Debian's package where it may be installed. */
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'
import { debianPackage, findProgram } from '../../src/embedded/executable.ts'
import type { Program } from '../../src/embedded/executable.ts'

const program: Program = {
  names: ['chromium', 'chromium-browser', 'google-chrome'],
  means: [debianPackage('chromium', '/usr/bin/chromium')],
  wayOut: 'No Chromium was found and none could be installed: install it so that chromium is on PATH.',
}

export async function startChromium(): Promise<Browser> {
  const where = { path: process.env['PATH'] ?? '' }
  const executablePath = await findProgram(program, where, () => undefined)
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
  return chromium.launch({ executablePath, headless: true, args, timeout: 60_000 })
}
