/** What a tenant says of itself: where its clocks are, in which language it writes, when it reminds. */
import type { Store } from './collections.ts'

export interface ClinicSettingsDocument {
  /** the tenant */
  readonly _id: string
  /** IANA */
  readonly timeZone?: string
  readonly language?: 'en' | 'ar'
  readonly reminders?: ReminderSettings
  /** as people know it: every email ends with it */
  readonly name?: string
  /** wall time at which what is not urgent is sent in one */
  readonly digestAt?: string
  /** what it says in its own words, by kind of message and language */
  readonly texts?: Readonly<Record<string, { readonly en?: OwnWords; readonly ar?: OwnWords }>>
}

interface OwnWords {
  readonly subject?: string
  readonly lines?: readonly string[]
  readonly action?: string
  readonly short?: readonly string[]
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

export const DIGEST_AT = '09:00'

export type ClinicSettings = Omit<ClinicSettingsDocument, '_id'>

/** What was said; its name is that of the tenant where none was. */
export async function readClinicSettings(store: Store, tenant: string): Promise<ClinicSettings> {
  const [said, known] = await Promise.all([
    store.clinicSettings.findOne({ _id: tenant }, { projection: { _id: 0 } }),
    store.tenants.findOne({ _id: tenant }, { projection: { name: 1 } }),
  ])
  return { ...(known && known.name !== '' && { name: known.name }), ...said }
}

/** Milliseconds for which what was read is believed: another gateway may have written since. */
const BELIEVED = 5_000

interface Reading {
  readonly at: number
  readonly settings: Promise<ClinicSettings>
}

const readings = new WeakMap<Store['clinicSettings'], Map<string, Reading>>()

/** The same, as it was some seconds ago at most, and never before what this process wrote. */
export async function knownClinicSettings(store: Store, tenant: string): Promise<ClinicSettings> {
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
