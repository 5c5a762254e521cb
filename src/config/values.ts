/** Reads one value of the environment. What is wrong is said in one sentence that names the variable. */
import { isIP } from 'node:net'
import { StartError } from '../kernel/errors.ts'
import { variables } from './variables.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** This program's own. */
export const environment: Environment = process.env

/** The value of a variable, or its default; blank counts as absent. */
export type Values = (name: string) => string | undefined

export function valuesOf(env: Environment): Values {
  const defaults = new Map(variables.map((variable) => [variable.name, variable.default]))
  return (name) => {
    const text = env[name]
    if (!text?.trim()) return defaults.get(name)
    // In YAML of several lines the blanks at the beginning belong to it.
    return text.includes('\n') ? text : text.trim()
  }
}

/** An address without its last slash. */
export function address(name: string, text: string | undefined, schemes: readonly string[]): string | undefined {
  if (text === undefined) return undefined
  const scheme = /^([a-z+]+):\/\/[^/?#\s]\S*$/.exec(text)?.[1]
  if (scheme !== undefined && schemes.includes(scheme)) return text.replace(/\/$/, '')
  const allowed = schemes.map((each) => `${each}://…`).join(' or ')
  throw new StartError(`${name} is not an address that begins with ${allowed}; correct it or leave it out.`)
}

export function port(name: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new StartError(`${name} is "${text}", which is no port: give a number from 0 to 65535.`)
}

export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : NaN
  if (value >= least && value <= most) return value
  throw new StartError(`${name} is "${text}"; give a whole number from ${least} to ${most}.`)
}

export function flag(name: string, text: string | undefined, otherwise: boolean): boolean {
  if (text === undefined) return otherwise
  return oneOf(name, text.toLowerCase(), ['true', 'false']) === 'true'
}

export function oneOf<Word extends string>(name: string, text: string, allowed: readonly Word[]): Word {
  const found = allowed.find((each) => each === text)
  if (found !== undefined) return found
  throw new StartError(`${name} is "${text}"; it must be one of ${allowed.join(', ')}.`)
}

/** https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions */
export function databaseName(name: string, text: string): string {
  if (/^[^/\\. "$*<>:|?\0]{1,63}$/u.test(text)) return text
  throw new StartError(`${name} is "${text}", which is no name of a MongoDB database; use letters, digits, - and _.`)
}

export function timeZone(name: string, text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return text
  } catch {
    throw new StartError(`${name} is "${text}", which is no IANA time zone (such as Asia/Kolkata).`)
  }
}

/** Reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** What is separated by commas or blanks. */
export function listOf(text: string | undefined): string[] {
  return text?.split(/[\s,]+/).filter((each) => each !== '') ?? []
}

/** Addresses and networks by their numbers. */
export function networks(name: string, text: string): string[] {
  const list = listOf(text)
  const wrong = list.find((each) => !isNetwork(each))
  if (wrong === undefined) return list
  throw new StartError(`${name} names "${wrong}"; write numbers such as 192.168.7.9 or 10.2.0.0/16.`)
}

function isNetwork(text: string): boolean {
  const [net = '', prefix, ...more] = text.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(net)] ?? -1
  return more.length === 0 && most > 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= most))
}
