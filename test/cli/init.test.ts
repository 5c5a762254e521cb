import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readSealKeys } from '../../src/seal/key-file.ts'
import { readSigningKeys } from '../../src/smart/signing-keys.ts'
import { isthmus, ownVariables } from './gateway.ts'

const init = (folder: string, url = 'https://fhir.clinic.example') =>
  isthmus(['init', '--admin-email', 'head@clinic.example', '--public-url', url, '--folder', folder], ownVariables())

test('keys, the administrator’s password and .env are written once, and are what a start takes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-init-'))
  expect(await init(folder)).toMatchObject({ code: 0 })
  expect((await readSigningKeys(join(folder, 'keys/signing-keys.json'))).keys).toHaveLength(1)
  expect(await readSealKeys(join(folder, 'keys/encryption-keys.json'))).toHaveLength(1)
  expect(readFileSync(join(folder, 'keys/admin-password'), 'utf8').length).toBeGreaterThan(20)
  expect(readFileSync(join(folder, '.env'), 'utf8')).toContain('PUBLIC_URL=https://fhir.clinic.example\n')
  expect(statSync(join(folder, 'keys')).mode & 0o077).toBe(0)
  const keys = readFileSync(join(folder, 'keys/signing-keys.json'), 'utf8')
  expect(await init(folder)).toMatchObject({ code: 1, err: expect.stringContaining('nothing was written') })
  expect(readFileSync(join(folder, 'keys/signing-keys.json'), 'utf8')).toBe(keys)
})

test('an address that tokens must not be sent to is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-init-'))
  expect(await init(folder, 'http://fhir.clinic.example')).toMatchObject({
    code: 1,
    err: expect.stringContaining('https'),
  })
})
