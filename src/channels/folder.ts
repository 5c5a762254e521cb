/**
 * For the demo: what has no mail server and no provider is written into a folder, email as .eml for any mail program. A
 * message that is sent again replaces itself.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Channel, ChannelCode, Message } from './channel.ts'
import { mailOf } from './mail.ts'
import { messageKey } from './message-key.ts'
import { webhookBody } from './webhook.ts'

const FROM = 'The clinic of the demo <no-reply@clinic.example>'

export function folderChannel(code: ChannelCode, folder: string): Channel {
  return {
    code,
    async send(message) {
      const content = code === 'email' ? await emlOf(message) : webhookBody(code, message)
      const place = join(
        folder,
        `${message.kind}.${messageKey(message.id)}.${code === 'email' ? 'eml' : `${code}.json`}`,
      )
      await mkdir(folder, { recursive: true })
      await writeFile(`${place}.part`, content)
      await rename(`${place}.part`, place)
    },
  }
}

/** A message as mail programs open it. */
export async function emlOf(message: Message, from = FROM): Promise<string> {
  const { createTransport } = await import('nodemailer')
  const composer = createTransport({ streamTransport: true, buffer: true })
  const { message: content } = await composer.sendMail(mailOf(message, from))
  if (Buffer.isBuffer(content)) return content.toString()
  throw new TypeError('the composer was told to make a buffer')
}
