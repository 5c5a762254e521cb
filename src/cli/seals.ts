/** The keys that stored secrets are sealed with: those of the configuration; the demo makes its own once. */
import { join } from 'node:path'
import type { MongoClient } from 'mongodb'
import type { Config } from '../config/config.ts'
import { keyCommand } from '../seal/key-command.ts'
import { keptSealKeys, readSealKeys } from '../seal/key-file.ts'
import type { Seals } from '../seal/seals.ts'
import { noSeals, sealsOf } from '../seal/seals.ts'
import type { Store } from '../store/collections.ts'
import { openStore } from '../store/collections.ts'

type Keys = Pick<Config, 'encryptionKeys' | 'keyCommand' | 'demo' | 'auth' | 'dataDir'>

async function configuredSeals({
  encryptionKeys: file,
  keyCommand: program,
  demo,
  auth,
  dataDir,
}: Keys): Promise<Seals> {
  if (file !== undefined)
    return sealsOf(await readSealKeys(file, program === undefined ? undefined : keyCommand(program)))
  // A command of a gateway that has keys may run without: what needs them says so
  return demo || auth === 'off' ? sealsOf(await keptSealKeys(join(dataDir, 'encryption-keys.json'))) : noSeals
}

/** The gateway's own database, with what opens its secrets. */
export async function openOwnStore(client: MongoClient, config: Keys & Pick<Config, 'database'>): Promise<Store> {
  return openStore(client, config.database, await configuredSeals(config))
}
