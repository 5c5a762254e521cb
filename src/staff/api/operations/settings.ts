/** What the clinic says of itself: its time zone, its language, when patients are reminded and in which words. */
import { textMistake } from '../../../channels/own-texts.ts'
import { GatewayError } from '../../../kernel/errors.ts'
import { DIGEST_AT, REMINDERS, readClinicSettings, writeClinicSettings } from '../../../store/clinic-settings.ts'
import type { ClinicSettings, ReminderSettings } from '../../../store/clinic-settings.ts'
import { addAudit } from '../../../store/audit.ts'
import { assertZone } from '../clinic-time.ts'
import type { ApiOperation } from '../operation.ts'
import { actOf } from '../on-record.ts'
import { ok } from '../operation.ts'
import type { ApiParts } from '../parts.ts'

export const getSettings: ApiOperation = {
  handle: async ({ tenant }, parts) => ok(await settingsOf(parts, tenant)),
}

/** As a whole: what is not said is as if it never was. */
export const setSettings: ApiOperation = {
  async handle(request, parts) {
    const { tenant, body } = request
    const { reminders, ...settings } = body as ClinicSettings
    if (settings.texts) assertTexts(settings.texts)
    if (settings.timeZone !== undefined) assertZone(settings.timeZone, 'body.timeZone')
    await addAudit(parts.store, [actOf(request, { kind: 'settings', action: 'U', query: 'settings' })])
    await writeClinicSettings(parts.store, tenant, {
      ...settings,
      ...(reminders && { reminders: checked(reminders) }),
    })
    return ok(await settingsOf(parts, tenant))
  },
}

export async function settingsOf({ store, timeZoneOf }: ApiParts, tenant: string): Promise<ClinicSettings> {
  const said = await readClinicSettings(store, tenant)
  return { timeZone: timeZoneOf(tenant), language: 'en', reminders: REMINDERS, digestAt: DIGEST_AT, ...said }
}

function assertTexts(texts: NonNullable<ClinicSettings['texts']>): void {
  const mistake = textMistake(texts)
  if (mistake) {
    throw new GatewayError('GW_BAD_REQUEST', mistake.sentence, { expression: `body.texts.${mistake.at}` })
  }
}

function checked({ minutesBefore, quietHours, enabled }: ReminderSettings): ReminderSettings {
  if (quietHours?.from === quietHours?.to && quietHours) {
    const expression = 'body.reminders.quietHours'
    throw new GatewayError('GW_BAD_REQUEST', 'Quiet hours end when they begin: leave them out instead.', { expression })
  }
  return {
    enabled,
    minutesBefore: minutesBefore.toSorted((a, b) => b - a),
    ...(quietHours && { quietHours }),
  }
}
