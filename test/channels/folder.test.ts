import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { folderChannel } from '../../src/channels/folder.ts'
import { messageKey } from '../../src/channels/message-key.ts'
import { sampleMessage } from './sample-message.ts'

let folder = ''
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'isthmus-messages-')), 'messages')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const never = new AbortController().signal

test('an email is a file that mail programs open; sent again it is the same file', async () => {
  const { send } = folderChannel('email', folder)
  await send(sampleMessage, never)
  await send(sampleMessage, never)
  const name = `appointment-reminder.${messageKey(sampleMessage.id)}.eml`
  expect(readdirSync(folder)).toEqual([name])
  const text = readFileSync(join(folder, name), 'utf8')
  expect(text).toContain('To: amal@patients.example')
  expect(text).toContain(`Message-ID: <${messageKey(sampleMessage.id)}@clinic.example>`)
})

test('an SMS is what its provider would be sent', async () => {
  await folderChannel('sms', folder).send({ ...sampleMessage, to: '+971501234567' }, never)
  const [name = ''] = readdirSync(folder)
  expect(name).toMatch(/^appointment-reminder\.msg_[0-9a-f]{32}\.sms\.json$/)
  expect(JSON.parse(readFileSync(join(folder, name), 'utf8'))).toMatchObject({ to: '+971501234567', channel: 'sms' })
})
