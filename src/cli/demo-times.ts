/**
 * Times of the demo that are told from the moment it is loaded, in the text of its files: `{now-30h}`, `{now+15m}`, and
 * `{day+1}` for a date. What is due today can only be shown with rows of today.
 */
const NAMED = /\{(now|day)([+-]\d+)([mhd]?)\}/g
const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440, '': 1440 }

/** In UTC. `timestamps`: as the system writes them (system.yaml). */
export function asOf(text: string, now: Date, timestamps: string): string {
  return text.replace(NAMED, (_all, word: string, count: string, unit: string) => {
    const at = new Date(now.getTime() + Number(count) * (MINUTES[unit] ?? 0) * 60_000)
    const iso = `${at.toISOString().slice(0, 19)}Z`
    if (word === 'day') return iso.slice(0, 10)
    return timestamps === 'sql' ? iso.slice(0, 19).replace('T', ' ') : iso
  })
}
