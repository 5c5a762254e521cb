/** What a client may be registered for: SMART scopes for records, those for launches, and those of OpenID Connect. */
import { CLEARANCES } from '../../access/clearance.ts'
import { isPurposeWord } from '../../access/purpose.ts'
import { readScope } from '../../access/scope.ts'
import { LAUNCH_CONTEXT } from '../launch/context-scopes.ts'
import { ClientRefusal } from './client-refusal.ts'

export const LAUNCH_CREATE = 'launch:create'

const OTHERS = new Set([
  ...['openid', 'fhirUser', 'profile', 'offline_access', 'online_access'],
  ...['launch', 'launch/patient', 'launch/encounter'],
  // of a service that prepares launches (launch.ts): never in a token
  LAUNCH_CREATE,
  // of programs: with a person, the roles say it
  ...CLEARANCES,
])
/** Of the clinic's own making: they open no records here, the app is told that they were granted (§Scopes, extensions) */
const OWN = /^(__[\w.:/-]+|https?:\/\/(?!smarthealthit\.org\/)[\w.:/-]+)$/
const LONGEST = 20_000

/** The scopes, each once, in the order they were given. */
export function clientScopes(text: string): string[] {
  if (text.length > LONGEST) throw new ClientRefusal(`The scopes are longer than ${LONGEST} characters.`)
  const scopes = [...new Set(text.split(' ').filter((scope) => scope !== ''))]
  const wrong = scopes.find((scope) => !isScope(scope))
  if (wrong !== undefined) throw new ClientRefusal(`${wrong} is no scope that can be granted here.`)
  return scopes
}

function isScope(scope: string): boolean {
  return (
    OTHERS.has(scope) ||
    isPurposeWord(scope) ||
    LAUNCH_CONTEXT.test(scope) ||
    isOwnScope(scope) ||
    readScope(scope) !== undefined
  )
}

export function isOwnScope(scope: string): boolean {
  return OWN.test(scope)
}
