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

/** Where nothing was said: a day and two hours before, and nobody is woken. */
export const REMINDERS: ReminderSettings = {
  enabled: true,
  minutesBefore: [1440, 120],
  quietHours: { from: '21:00', to: '08:00' },
}

export type ClinicSettings = Omit<ClinicSettingsDocument, '_id'>

/** Undefined: nothing was ever said. */
export async function readClinicSettings(store: Store, tenant: string): Promise<ClinicSettings | undefined> {
  return (await store.clinicSettings.findOne({ _id: tenant }, { projection: { _id: 0 } })) ?? undefined
}

/** Milliseconds for which what was read is believed: another gateway may have written since. */
const BELIEVED = 5_000

interface Reading {
  readonly at: number
  readonly settings: Promise<ClinicSettings | undefined>
}

const readings = new WeakMap<Store['clinicSettings'], Map<string, Reading>>()

/** The same, as it was some seconds ago at most, and never before what this process wrote. */
export async function knownClinicSettings(store: Store, tenant: string): Promise<ClinicSettings | undefined> {
  const known = readingsOf(store)
  const reading = known.get(tenant)
  if (reading && Date.now() - reading.at < BELIEVED) return reading.settings
  const settings = readClinicSettings(store, tenant)
  known.set(tenant, { at: Date.now(), settings })
  settings.catch(() => known.delete(tenant))
  return settings
}

function readingsOf({ clinicSettings }: Store): Map<string, Reading> {
  const known = readings.get(clinicSettings) ?? new Map<string, Reading>()
  readings.set(clinicSettings, known)
  return known
}

export async function writeClinicSettings(store: Store, tenant: string, settings: ClinicSettings): Promise<void> {
  await store.clinicSettings.replaceOne({ _id: tenant }, settings, { upsert: true, writeConcern: { w: 'majority' } })
  // Whoever was reading meanwhile may have read what was there before
  readingsOf(store).delete(tenant)
}
