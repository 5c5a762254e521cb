/** `isthmus message`: what a message says, in either language, with facts of nobody; and whether it arrives. */
import { randomUUID } from 'node:crypto'
import { Command, Option } from 'commander'
import type { ChannelCode, Message } from '../channels/channel.ts'
import type { Facts } from '../channels/filled.ts'
import type { MessageLanguage } from '../channels/language.ts'
import { render } from '../channels/render.ts'
import { ownTemplates } from '../channels/template.ts'
import { StartError } from '../kernel/errors.ts'
import { LaterError, RefusedError } from '../outbound/failures.ts'
import { openChannels } from './channels.ts'
import { readConfiguration } from './context.ts'
import { assertTenant } from './people.ts'
import { zoneOf } from './sources.ts'
import { withStore } from './with-store.ts'
import type { ClinicSettings } from '../store/clinic-settings.ts'
import { readClinicSettings } from '../store/clinic-settings.ts'

interface MessageOptions {
  readonly language: MessageLanguage
  readonly channel: ChannelCode
  readonly locale?: string
  readonly zone?: string
  readonly tenant?: string
  readonly html?: true
  readonly send?: string
}

const PATIENCE = 60_000
const UNSUBSCRIBE = 'https://clinic.example/messages/choices/example'
const DAY = 24 * 60 * 60_000

export const messageCommand = new Command('message')
  .description('show what a message says, with made-up facts, or send it to an address of your own')
  .argument('<kind>', `one of ${[...ownTemplates.keys()].join(', ')}`)
  .addOption(new Option('--language <code>').choices(['en', 'ar']).default('en'))
  .addOption(new Option('--channel <code>').choices(['email', 'sms', 'push']).default('email'))
  .option('--locale <tag>', 'for what the language leaves open: ar-AE writes 1, ar-EG ١')
  .option('--tenant <tenant>', 'in the words, by the name and in the time zone of its settings')
  .option('--zone <zone>', 'IANA time zone of the clinic')
  .option('--html', 'the HTML of the email')
  .option('--send <address>', 'send it there by the configured channel')
  .action(async (kind: string, options: MessageOptions) => {
    if (!ownTemplates.has(kind)) {
      throw new StartError(`There is no message ${kind}; there are ${[...ownTemplates.keys()].join(', ')}.`)
    }
    const { language, channel: code, send, tenant } = options
    const clinic = tenant === undefined ? {} : await clinicOf(tenant)
    const own = clinic.texts?.[kind]
    const more = { facts: facts(options, clinic), unsubscribe: UNSUBSCRIBE, ...(own && { own }) }
    const rendered = render({ kind, language, code, ...more })
    const id = `preview/${randomUUID()}`
    if (send !== undefined) await sendBy(code, { id, kind, language, to: send, ...rendered, unsubscribe: UNSUBSCRIBE })
    else if (options.html) process.stdout.write(rendered.html ?? '')
    else process.stdout.write(`${rendered.subject}\n\n${rendered.text.trimEnd()}\n`)
  })

const ENGLISH = {
  ...{ clinic: 'Clinic North', practitioner: 'Dr Lina Haddad', place: 'Room 4' },
  text: 'Please bring your insurance card.',
  items: ['Please bring your insurance card.', 'The pharmacy is open again.', 'We have new opening hours.'],
}
const ARABIC = {
  ...{ clinic: 'عيادة الشمال', practitioner: 'د. لينا حداد', place: 'الغرفة ٤' },
  text: 'يُرجى إحضار بطاقة التأمين.',
  items: ['يُرجى إحضار بطاقة التأمين.', 'أُعيد افتتاح الصيدلية.', 'لدينا مواعيد عمل جديدة.'],
}

/** As it says of itself now. */
function clinicOf(tenant: string): Promise<ClinicSettings> {
  return withStore(async (store, config) => {
    await assertTenant(store, config, tenant)
    return { timeZone: zoneOf(config.sources, tenant), ...(await readClinicSettings(store, tenant)) }
  })
}

function facts({ zone, locale, language }: MessageOptions, { name, timeZone = 'UTC' }: ClinicSettings): Facts {
  const start = Date.now() + DAY
  return {
    ...(language === 'ar' ? ARABIC : ENGLISH),
    ...(name !== undefined && { clinic: name }),
    ...{ zone: zone ?? timeZone, link: 'https://clinic.example/open', ...(locale !== undefined && { locale }) },
    ...{ start: isoAt(start), before: isoAt(start - DAY / 2), until: isoAt(start - DAY / 4), due: isoAt(start + DAY) },
    ...{ title: 'EQ-5D-5L', count: 3 },
  }
}

function isoAt(moment: number): string {
  return new Date(moment).toISOString()
}

async function sendBy(code: ChannelCode, message: Message): Promise<void> {
  const { channels, close } = openChannels(readConfiguration().channels)
  try {
    const channel = channels.get(code)
    if (!channel) throw new StartError(`There is no way for ${code} messages: name it (docs/notifications.md).`)
    await channel.send(message, AbortSignal.timeout(PATIENCE))
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof LaterError)) throw error
    throw new StartError(`It was not sent: ${error.message}.`)
  } finally {
    close()
  }
  process.stdout.write(`Sent by ${code}.\n`)
}
