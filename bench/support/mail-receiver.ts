/** A mail server, a process of its own: takes every mail. */
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

const mails = new SMTPServer({
  ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false },
  onData: (stream, _session, done) => stream.resume().once('end', () => done()),
})
mails.listen(0, '127.0.0.1', () => process.send?.((mails.server.address() as AddressInfo).port))
