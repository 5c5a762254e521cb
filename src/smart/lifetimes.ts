/** How long what the authorization server issues is good for, in seconds. */
import { LONGEST_SESSION } from './session/session-time.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const LIFETIMES = {
  AccessToken: HOUR,
  AuthorizationCode: MINUTE,
  ClientCredentials: 5 * MINUTE,
  Grant: 90 * DAY,
  IdToken: HOUR,
  Interaction: 30 * MINUTE,
  // each time it is used, as long as the grant
  RefreshToken: 30 * DAY,
  Session: LONGEST_SESSION,
} as const
