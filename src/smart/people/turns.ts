/**
 * How often somebody may try, so that guessing is hopeless and nobody can lock another out.
 *
 * A device with which the account signed in before has its own count, which strangers cannot touch. From devices that are
 * not known, one address may fail so often for all accounts together, and one account is answered ever more slowly, up
 * to a few seconds, but it is answered. What is counted is counted first: many at once gain nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../../store/collections.ts'
import { counter, rateLimit } from '../../store/rate-limit.ts'
import type { Counter, RateLimit } from '../../store/rate-limit.ts'

const QUARTER = 15 * 60
const HOUR = 60 * 60
/** Wrong passwords of a known device in a quarter of an hour. */
export const DEVICE_LIMIT = 10
/** Of an address, for all accounts and devices that are not known, in a quarter of an hour. */
export const ADDRESS_LIMIT = 30
/** Of an account in an hour, from devices that are not known: further ones are held back. */
export const FREE = 5
const LONGEST_DELAY = 8_000
/** Wrong codes of an account in an hour, by those who know its password. */
export const CODE_LIMIT = 5
/** So many are held back at one time; more are told to come later. */
const MOST_HELD = 200
const LATER = 10

export interface Turns {
  readonly devices: RateLimit
  readonly addresses: RateLimit
  readonly strangers: Counter
  readonly codes: RateLimit
  /** milliseconds */
  wait(time: number): Promise<unknown>
}

export function openTurns(store: Store): Turns {
  return {
    devices: rateLimit(store, { name: 'device', times: DEVICE_LIMIT, seconds: QUARTER }),
    addresses: rateLimit(store, { name: 'address', times: ADDRESS_LIMIT, seconds: QUARTER }),
    strangers: counter(store, { name: 'stranger', seconds: HOUR }),
    codes: rateLimit(store, { name: 'code', times: CODE_LIMIT, seconds: HOUR }),
    wait: (time) => sleep(time, undefined, { ref: false }),
  }
}

/** A turn was given, or is refused for so many seconds. */
export type Turn = { readonly later: number } | { readonly later?: undefined; wasRight(): Promise<void> }

export interface Asker {
  /** whose password is tried: `<tenant>/<e-mail>` */
  readonly who: string
  /** its name to the account, when the account signed in with it before */
  readonly device: string | undefined
  /** as clientAddressBy gives it */
  readonly address: string
}

export async function passwordTurn(turns: Turns, { who, device, address }: Asker): Promise<Turn> {
  if (device !== undefined) return limited(turns.devices, `${who} ${device}`)
  const later = await turns.addresses.take(address)
  if (later !== undefined) return { later }
  if (!(await heldBack(turns, await turns.strangers.add(who)))) return { later: LATER }
  return {
    async wasRight() {
      await turns.addresses.giveBack(address)
      await turns.strangers.giveBack(who)
    },
  }
}

export function codeTurn(turns: Turns, account: string, device: string | undefined): Promise<Turn> {
  return limited(turns.codes, `${account} ${device ?? ''}`)
}

async function limited(limit: RateLimit, key: string): Promise<Turn> {
  const later = await limit.take(key)
  return later === undefined ? { wasRight: () => limit.forget(key) } : { later }
}

let held = 0

/** Half a second, then twice that, and so on. False: too many are held back already. */
async function heldBack(turns: Turns, count: number): Promise<boolean> {
  if (count <= FREE) return true
  if (held >= MOST_HELD) return false
  held++
  try {
    await turns.wait(Math.min(LONGEST_DELAY, 500 * 2 ** (count - FREE - 1)))
    return true
  } finally {
    held--
  }
}
