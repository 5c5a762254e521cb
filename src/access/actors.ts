/** Whom a Consent means (https://hl7.org/fhir/R4/consent.html): a person, an app, who works somewhere, a team. */
import type { CareTeam, Reference } from '@medplum/fhirtypes'
import { parseReference } from '../r4/references.ts'
import type { Holder } from './holder.ts'
import { isWithin, spanOf } from './span.ts'
import type { Span } from './span.ts'

/** `reference`: `Practitioner/1`; `client`: an app's id; neither: somebody, who is not known here. */
export interface Actor {
  readonly reference?: string
  readonly client?: string
}

/** Of a PractitionerRole. */
export interface Role {
  readonly name: string
  readonly practitioner?: string
  readonly organization?: string
}

/** Of a CareTeam. */
export interface Team {
  readonly name: string
  /** it does what it is for */
  readonly isActive: boolean
  readonly members: readonly Member[]
}

interface Member {
  readonly actor: Actor
  /** when at most, and when at least */
  readonly wide: Span
  readonly narrow: Span
}

export interface Known {
  readonly roles: readonly Role[]
  readonly teams: readonly Team[]
}

export interface Asking extends Known {
  readonly now: number
  /** who may be meant is */
  readonly isDenial: boolean
}

export function actorIn(reference: Reference | undefined): Actor {
  const name = localName(reference)
  if (name?.startsWith('Device/')) return { client: name.slice('Device/'.length) }
  const client = reference?.identifier?.value
  if (name === undefined) return client === undefined ? {} : { client }
  return { reference: name }
}

export function localName({ reference = '' }: Reference = {}): string | undefined {
  const literal = parseReference(reference)
  return literal?.base === '' ? `${literal.type}/${literal.id}` : undefined
}

export function teamIn(name: string, { status = 'active', participant = [] }: CareTeam): Team {
  const members = participant.map(({ member, period }): Member => {
    const [wide, narrow] = [spanOf(period, true), spanOf(period, false)]
    // With a time that is none, nobody is a member at least
    return { actor: actorIn(member), wide: wide.span, narrow: narrow.isKnown ? narrow.span : { until: -Infinity } }
  })
  return { name, isActive: status === 'active', members }
}

/** Is it who uses the Permit? What is not known is to the side of the denial. */
export function isMeantBy(actors: readonly Actor[], holder: Holder, asking: Asking): boolean {
  return actors.some((actor) => isActor(actor, holder, asking) ?? asking.isDenial)
}

/** Undefined: that is not known. `teams`: those it is asked for already. */
function isActor(
  { reference = '', client }: Actor,
  holder: Holder,
  asking: Asking,
  teams: readonly string[] = [],
): boolean | undefined {
  if (client !== undefined) return client === holder.client
  const [kind = ''] = reference.split('/')
  const { person } = holder
  if (['Practitioner', 'Patient', 'RelatedPerson', 'Person'].includes(kind)) return reference === person
  if (kind === 'PractitionerRole') return hasRole(reference, person, asking.roles)
  if (kind === 'Organization') return worksAt(reference, person, asking.roles)
  if (kind !== 'CareTeam') return undefined
  return teams.includes(reference) ? false : isInTeam(reference, holder, asking, teams)
}

function hasRole(reference: string, person: string | undefined, roles: readonly Role[]): boolean | undefined {
  const role = roles.find(({ name }) => name === reference)
  return role?.practitioner === undefined ? undefined : role.practitioner === person
}

function worksAt(organization: string, person: string | undefined, roles: readonly Role[]): boolean | undefined {
  const theirs = roles.filter(({ practitioner }) => person !== undefined && practitioner === person)
  if (theirs.some((role) => role.organization === organization)) return true
  // Patients and their relatives work nowhere; of who has no role it is not known where they do
  return theirs.length > 0 || /^(Patient|RelatedPerson|Person)\//.test(person ?? '') ? false : undefined
}

/** A team that is not here, or not active any more: for a denial it is who is named in it, for a permission nobody. */
function isInTeam(reference: string, holder: Holder, asking: Asking, teams: readonly string[]): boolean | undefined {
  const team = asking.teams.find(({ name }) => name === reference)
  if (!team || (!team.isActive && !asking.isDenial)) return undefined
  const members = team.members.filter(({ wide, narrow }) => isWithin(asking.isDenial ? wide : narrow, asking.now))
  const answers = members.map(({ actor }) => isActor(actor, holder, asking, [...teams, reference]))
  return answers.includes(true) || (answers.includes(undefined) ? undefined : false)
}

/** When somebody begins or ceases to be of a team. */
export function changesOf({ members }: Team): number[] {
  return members.flatMap(({ wide, narrow }) => [wide, narrow].flatMap(({ from = 0, until = 0 }) => [from, until]))
}
