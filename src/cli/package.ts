/** `isthmus package`: profiles, extensions, code tables and examples as a FHIR package; nothing is started. */
import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { readExamples } from '../conformance/examples.ts'
import { packageFiles } from '../conformance/package.ts'
import { tarball } from '../conformance/tar.ts'
import { StartError } from '../kernel/errors.ts'
import { readContext } from './context.ts'
import { definitionOptions } from './definitions.ts'

export const packageCommand = new Command('package')
  .description('write the FHIR package of profiles, extensions, code tables and examples')
  .option('--out <file>', 'where to', 'package.tgz')
  .action(({ out }: { out: string }) => {
    const context = readContext()
    const { config, systems } = context
    const names = systems.map(({ system }) => system)
    const examples = readExamples(config.mappings, names, config.canonicalBase)
    const files = packageFiles({ ...definitionOptions(context), examples })
    try {
      writeFileSync(out, tarball(files))
    } catch {
      throw new StartError(`${out} cannot be written: name another file with --out.`)
    }
    process.stdout.write(`${out}: ${files.size} files, ${examples.length} of them examples\n`)
  })
