/** What a tenant says of itself: where its clocks are, in which language it writes, when it reminds. */
import type { Store } from './collections.ts'

export interface ClinicSettingsDocument {
  /** the tenant */
  readonly _id: string
  /** IANA */
  readonly timeZone?: string
  readonly language?: 'en' | 'ar'
  readonly reminders?: ReminderSettings
}

export interface ReminderSettings {
  readonly enabled: boolean
  /** minutes before the start, the longest first */
  readonly minutesBefore: readonly number[]
  /** wall time; none: at any hour */
  readonly quietHours?: { readonly from: string; readonly to: string }
}

export type ClinicSettings = Omit<ClinicSettingsDocument, '_id'>

/** Undefined: nothing was ever said. */
export async function readClinicSettings(store: Store, tenant: string): Promise<ClinicSettings | undefined> {
  return (await store.clinicSettings.findOne({ _id: tenant }, { projection: { _id: 0 } })) ?? undefined
}

export async function writeClinicSettings(store: Store, tenant: string, settings: ClinicSettings): Promise<void> {
  await store.clinicSettings.replaceOne({ _id: tenant }, settings, { upsert: true, writeConcern: { w: 'majority' } })
}
