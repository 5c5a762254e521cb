/**
 * A signed cookie by which a browser shows that somebody signed in with it before, for each of the people who did. It
 * lets nobody in: it only makes that wrong passwords of others do not count against who sits here (OWASP, Slow Down
 * Online Guessing Attacks with Device Cookies).
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

export const DEVICES_COOKIE = 'isthmus.devices'

/** Shared computers: so many people, the last who signed in first. */
const MOST = 12
const YEAR_SECONDS = 365 * 24 * 3600
const ENTRY = /^([0-9a-f]{32})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})$/

/** The name of this device to the account, when it is known. */
export function deviceOf(key: Buffer, cookie: string | undefined, account: string): string | undefined {
  return entriesOf(key, cookie).find((entry) => entry.account === account)?.device
}

/** The cookie after a successful sign-in. */
export function withDevice(key: Buffer, cookie: string | undefined, account: string): string {
  const entries = entriesOf(key, cookie)
  const own = entries.find((entry) => entry.account === account) ?? made(key, account)
  const others = entries.filter((entry) => entry.account !== account)
  return [own, ...others.slice(0, MOST - 1)].map(({ text }) => text).join('~')
}

/** `Set-Cookie` of it. */
export function devicesCookie(value: string, isSecure: boolean): string {
  const attributes = ['Path=/oauth', `Max-Age=${YEAR_SECONDS}`, 'HttpOnly', 'SameSite=Lax']
  return [`${DEVICES_COOKIE}=${value}`, ...attributes, ...(isSecure ? ['Secure'] : [])].join('; ')
}

interface Entry {
  readonly account: string
  readonly device: string
  readonly text: string
}

function entriesOf(key: Buffer, cookie = ''): Entry[] {
  return cookie.split('~', MOST).flatMap((text) => {
    const [, account = '', device = '', mac = ''] = ENTRY.exec(text) ?? []
    const isOurs = account !== '' && timingSafeEqual(Buffer.from(mac), Buffer.from(sign(key, account, device)))
    return isOurs ? [{ account, device, text }] : []
  })
}

function made(key: Buffer, account: string): Entry {
  const device = randomBytes(12).toString('base64url')
  return { account, device, text: `${account}.${device}.${sign(key, account, device)}` }
}

function sign(key: Buffer, account: string, device: string): string {
  return createHmac('sha256', key).update(`${account}.${device}`).digest('base64url')
}
