/** `isthmus message`, as an operator runs it. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { mailServer } from '../support/mail-server.ts'
import { isthmus, ownVariables } from './gateway.ts'

const variables = ownVariables()

test('a message is shown in the language that is asked for, as text and as HTML', async () => {
  const english = await isthmus(['message', 'appointment-reminder'], variables)
  expect(english).toMatchObject({ code: 0, err: '' })
  expect(english.out).toMatch(/^Reminder of your appointment\n\nYou have an appointment on /)
  const arabic = await isthmus(['message', 'appointment-reminder', '--language', 'ar', '--html'], variables)
  expect(arabic.out).toContain('<html lang="ar" dir="rtl">')
  const sms = await isthmus(['message', 'digest', '--language', 'ar', '--channel', 'sms'], variables)
  expect(sms.out).toContain('لديك ٣ رسائل جديدة من عيادتك.')
})

test('what is no message is told what there is', async () => {
  const { code, err } = await isthmus(['message', 'greeting'], variables)
  expect(code).toBe(1)
  expect(err).toMatch(/There is no message greeting; there are appointment-cancelled, .*waitlist-offer\./)
})

test('it is sent by the mail server, or into the folder of the demo, or there is no way', async () => {
  const server = await mailServer()
  try {
    const mail = { ...variables, ISTHMUS_SMTP_URL: server.url, ISTHMUS_MAIL_FROM: 'The Clinic <a@clinic.example>' }
    const send = ['message', 'report-ready', '--language', 'ar', '--send', 'me@clinic.example']
    expect(await isthmus(send, mail)).toMatchObject({ code: 0, out: 'Sent by email.\n' })
    expect(server.mails.map(({ to }) => to)).toEqual([['me@clinic.example']])
    expect(await isthmus(send, { ...variables, ISTHMUS_DEMO: 'true' })).toMatchObject({ code: 0 })
    expect(readdirSync(join(String(variables['ISTHMUS_DATA_DIR']), 'messages'))).toHaveLength(1)
    const none = await isthmus(send, { ...variables, ISTHMUS_DEMO: 'false' })
    expect(none).toMatchObject({ code: 1 })
    expect(none.err).toContain('There is no way for email messages')
  } finally {
    await server.stop()
  }
})
