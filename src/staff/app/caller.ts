/** Who asks, by the token in `Authorization`: known by nothing else, whatever the gateway's own authorization is. */
import { hash } from 'node:crypto'
import type { Request } from 'express'
import type { Caller } from '../../access/caller.ts'
import { callerName } from '../../access/caller-name.ts'
import { permitOf } from '../../access/permit.ts'
import type { Asked } from '../../audit/asked.ts'
import type { Spool } from '../../audit/spool.ts'
import { Trail } from '../../audit/trail.ts'
import { putOnRecord } from '../../http/on-record.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { credentialOf } from './credentials.ts'
import type { AppKeys } from './keys.ts'
import type { SecondOpinions } from './second-opinions.ts'
import type { Audience } from './token.ts'
import { openToken } from './token.ts'
import { ToldError } from './words.ts'

export interface CallerParts {
  /** none: nobody is known */
  readonly keys: AppKeys | undefined
  readonly spool: Pick<Spool, 'put'>
  readonly addressOf: (request: Request) => string
}

export type AppCaller = Caller & { readonly user: string }

/** Throws 401, which says nothing of why. */
export async function callerOf(
  audience: Audience,
  { keys, ...parts }: CallerParts,
  source: SecondOpinions,
  request: Request,
): Promise<AppCaller> {
  if (!keys) throw withoutKeys()
  const [text, ...more] = request.headersDistinct['authorization'] ?? []
  const found = text === undefined || more.length > 0 ? undefined : await openToken(keys, text.trim(), audience)
  if (!found) {
    if (text !== undefined) await recordUnknown(parts, source, request)
    throw new GatewayError('GW_UNAUTHENTICATED', 'The token is not good here: get a new one.')
  }
  const credential = credentialOf(source, found)
  const by = callerName(credential.client, found.user)
  const token = hash('sha256', text ?? '', 'base64url')
  return { permit: permitOf(credential), by, credential, token, user: found.user }
}

/** Each user is counted alone: the app is one client for all of them. */
export function countedBy(caller: AppCaller): Caller {
  const { credential } = caller
  return credential ? { ...caller, credential: { ...credential, client: caller.by } } : caller
}

function withoutKeys(): ToldError {
  return new ToldError('GW_UNAVAILABLE', [
    'The second-opinion app is not served here: the gateway has no key for its tokens (ISTHMUS_APP_KEY).',
    'تطبيق الرأي الطبي الثاني غير متاح هنا؛ لا يملك الخادم مفتاح رموز الدخول (ISTHMUS_APP_KEY).',
  ])
}

async function recordUnknown(
  { spool, addressOf }: Omit<CallerParts, 'keys'>,
  { tenant }: SecondOpinions,
  request: Request,
): Promise<void> {
  const who = { name: 'unknown token', address: addressOf(request) }
  const asked: Asked = { kind: 'operation', action: 'E', target: '' }
  await putOnRecord(spool, new Trail({ tenant, method: 'POST', path: [], query: [], who, asked }), 401)
}
