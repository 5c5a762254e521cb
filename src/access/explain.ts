/** Which rule decides whether somebody may do something with a resource, in sentences (docs/access.md, Why). */
import { isAllowed, only } from './allowed.ts'
import type { Credential } from './credential.ts'
import { denialTests } from './denial.ts'
import type { Denial } from './denial.ts'
import { rulesOf } from './grant.ts'
import { clearanceOf } from './clearance.ts'
import { holderOf, labelDenials, ownDenials } from './holder.ts'
import { fitsOne } from './key-test.ts'
import type { Keys } from './key-test.ts'
import { levelsOf } from '../r4/labels.ts'
import { permitOf } from './permit.ts'
import { denialsIn, openedFor, restricted } from './restricted.ts'
import type { Restrictions } from './restricted.ts'
import { scopesIn } from './scope.ts'
import type { Letter } from './scope.ts'

/** A resource, and what it is found by. */
export interface Asked {
  readonly type: string
  readonly id: string
  readonly keys: Keys
}

export interface Explanation {
  readonly isAllowed: boolean
  /** scopes that allow it, each with the roles' permissions where there is a user */
  readonly scopes: readonly string[]
  readonly sentences: readonly string[]
}

const WORDS: Readonly<Record<Letter, string>> = { c: 'create', r: 'read', u: 'update', d: 'delete', s: 'search' }

export function explain(
  credential: Credential,
  restrictions: Restrictions,
  letter: Letter,
  asked: Asked,
  now = Date.now(),
): Explanation {
  const permit = restricted(permitOf(credential), restrictions, now)
  const { type, id, keys } = asked
  const allowed = isAllowed(only(permit, letter), letter, type, id, keys)
  const scopes = scopesIn(credential.scope).filter((scope) =>
    allowsAlone({ ...credential, scope: scope.text }, letter, asked),
  )
  return {
    isAllowed: allowed,
    scopes: scopes.map(({ text }) => text),
    sentences: [
      ...ruleSentences(credential, letter, asked, scopes.length),
      ...labelSentences(credential, restrictions, asked, now),
      ...consentSentences(credential, restrictions, asked, now),
    ],
  }
}

/** By its rules, whatever is denied. */
function allowsAlone(credential: Credential, letter: Letter, { type, id, keys }: Asked): boolean {
  return isAllowed({ tenant: credential.tenant, rules: rulesOf(credential) }, letter, type, id, keys)
}

function ruleSentences(credential: Credential, letter: Letter, asked: Asked, count: number): string[] {
  const { scope, user, patient } = credential
  const whole = `${WORDS[letter]} ${asked.type}`
  if (count > 0) return [`${count === 1 ? 'One scope allows' : `${count} scopes allow`} to ${whole} of this record.`]
  if (allowsAlone(credential, letter, asked))
    return ['It is the record of the user themself, which can always be read.']
  const ofType = scopesIn(scope).filter((each) => each.type === '*' || each.type === asked.type)
  const fitting = ofType.filter(({ letters }) => letters.includes(letter))
  if (fitting.length === 0) return [`No scope is there to ${whole}.`]
  const rules = rulesOf(credential).filter((rule) => rule.letters.includes(letter))
  if (!rules.some((rule) => rule.name === undefined && (rule.type === '*' || rule.type === asked.type))) {
    return [user ? `No permission of the roles is there to ${whole}.` : 'The scopes are not for who uses them.']
  }
  const isOfPatients = rules.some(({ patients }) => patients)
  const whose = patient === undefined ? 'the patients of this user' : `Patient/${patient}`
  return [
    isOfPatients
      ? `It is not in the record of ${whose}.`
      : 'It has no code or reference that a scope or permission asks for.',
  ]
}

function labelSentences(credential: Credential, restrictions: Restrictions, asked: Asked, now: number): string[] {
  const clearance = clearanceOf(credential)
  const holder = holderOf(credential, clearance)
  const opened = openedFor(holder, restrictions, now)
  const without = denying(labelDenials(holder), asked)
  const isDenied = denying(labelDenials(holder, opened), asked)
  const levels = levelsOf(asked.type, asked.keys.k).join(' and ')
  if (!isDenied && denying(ownDenials(holder, opened), asked)) return ['It is a Subscription that somebody else made.']
  if (isDenied) return [`It is labelled ${levels}, for which the clearance is missing.`]
  if (without) return [`It is labelled ${levels}; the record was opened in an emergency.`]
  return levels === '' ? [] : [`It is labelled ${levels}, which hides it from others.`]
}

function consentSentences(credential: Credential, restrictions: Restrictions, asked: Asked, now: number): string[] {
  const holder = holderOf(credential, clearanceOf(credential))
  const against = restrictions.consents.filter((each) => denying(denialsIn(each, holder, restrictions, now), asked))
  if (against.length === 0) return []
  const names = against.map(({ consent }) => consent).join(', ')
  const permit = permitOf(credential)
  const current = restricted(permit, restrictions, now)
  const isHeld =
    current !== permit &&
    denying(
      (current.denials ?? []).filter(({ level }) => !level),
      asked,
    )
  if (isHeld) return [`${names} denies it.`]
  return [
    `${names} denies it to others, and not here: it is the patient, is cleared for Consents, or opened the record in an emergency.`,
  ]
}

function denying(denials: readonly Denial[], { type, id, keys }: Asked): boolean {
  return fitsOne(
    denials.flatMap((denial) => denialTests(type, denial)),
    `${type}/${id}`,
    keys,
  )
}
