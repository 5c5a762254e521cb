/** A message as a sender hands it to a channel. */
import type { Message } from '../../src/channels/channel.ts'

export const sampleMessage: Message = {
  id: 'appointment-reminder/default/Appointment/hms-7.a/1440',
  ...{ kind: 'appointment-reminder', language: 'ar', to: 'amal@patients.example' },
  ...{ subject: 'تذكير بموعدك', text: 'موعدك يوم الأحد.', html: '<html lang="ar" dir="rtl"><p>موعدك</p></html>' },
  unsubscribe: 'https://clinic.example/messages/choices/abc',
}
