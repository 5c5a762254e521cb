/** `isthmus init`: what a gateway needs before its first start outside the demo: keys, an administrator, `.env`. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { assertPublic } from '../config/config.ts'
import { StartError } from '../kernel/errors.ts'
import { newSealKeys } from '../seal/key-file.ts'
import { newSigningKeys } from '../smart/signing-keys.ts'
import { newAppKeys } from '../staff/app/keys.ts'

interface InitOptions {
  readonly adminEmail: string
  readonly publicUrl: string
  readonly folder: string
}

/** The folder is its owner's only; a container reads the files by what is mounted of it, as another user. */
const OWNERS_FOLDER = 0o700

export const initCommand = new Command('init')
  .description(
    'write signing and encryption keys, the first administrator’s password and .env; what is there is left alone',
  )
  .requiredOption('--admin-email <address>', 'the first administrator')
  .requiredOption('--public-url <origin>', 'where clients will reach the gateway: https://fhir.clinic.example')
  .option('--folder <path>', 'where', '.')
  .action(async ({ adminEmail, publicUrl, folder }: InitOptions) => {
    if (!URL.canParse(publicUrl)) throw new StartError(`--public-url is "${publicUrl}", which is no address.`)
    assertPublic(new URL(publicUrl))
    const keys = join(folder, 'keys')
    const files = {
      [join(keys, 'signing-keys.json')]: JSON.stringify(await newSigningKeys()),
      [join(keys, 'encryption-keys.json')]: JSON.stringify(newSealKeys()),
      [join(keys, 'app-keys.json')]: JSON.stringify(newAppKeys()),
      [join(keys, 'admin-password')]: `${randomBytes(18).toString('base64url')}\n`,
      [join(folder, '.env')]: environmentFile(adminEmail, publicUrl),
    }
    const there = Object.keys(files).filter((file) => existsSync(file))
    if (there.length > 0) throw new StartError(`${there.join(', ')} is there: nothing was written.`)
    mkdirSync(keys, { recursive: true, mode: OWNERS_FOLDER })
    for (const [file, text] of Object.entries(files)) writeFileSync(file, text, { flag: 'wx' })
    process.stdout.write(
      `Written: ${Object.keys(files).join(', ')}.\n` +
        `${adminEmail} signs in with what is in ${join(keys, 'admin-password')}, and sets up a second factor then.\n` +
        'Keep the keys out of the repository, and a copy of encryption-keys.json apart from backups of the database: what is ' +
        'sealed opens with nothing else. Next: docker compose up, or isthmus serve with these variables.\n',
    )
  })

function environmentFile(adminEmail: string, publicUrl: string): string {
  return [
    '# Written by isthmus init. All variables are in docs/configuration.md.',
    `PUBLIC_URL=${publicUrl}`,
    'ISTHMUS_DEMO=false',
    `ISTHMUS_ADMIN_EMAIL=${adminEmail}`,
    'ISTHMUS_ADMIN_PASSWORD_FILE=keys/admin-password',
    'ISTHMUS_SIGNING_KEYS=keys/signing-keys.json',
    'ISTHMUS_ENCRYPTION_KEYS=keys/encryption-keys.json',
    'ISTHMUS_APP_KEY=keys/app-keys.json',
    '',
  ].join('\n')
}
