/**
 * Two records of one person, linked both ways in one transaction, and unlinked as they were. `see-also` says that both
 * are in use; `replaces` that the other is not to be used any more (R4 patient.html#Patient.link). No mapping owns
 * Patient.link: the gateway keeps it beside the rows, which nobody touches.
 */
import type { Bundle, Patient, PatientLink } from '@medplum/fhirtypes'
import { GatewayError } from '../../../../kernel/errors.ts'
import type { ApiAnswer, ApiOperation, ApiRequest } from '../../operation.ts'
import { idIn } from '../../plain.ts'
import { isOvertaken, versionOf } from '../../records.ts'
import { itemOf } from './view.ts'

type Stored = Patient & { readonly id: string }
type LinkType = NonNullable<PatientLink['type']>

const TRIES = 5

const WORDS: Readonly<Record<LinkType, string>> = {
  replaces: 'replaces',
  'replaced-by': 'replaced-by',
  seealso: 'see-also',
  refer: 'refers-to',
}

export const listLinks: ApiOperation = {
  handle: (request) => linksAnswer(request, 200),
}

export const linkPeople: ApiOperation = {
  async handle(request) {
    const { other, type = 'see-also' } = request.body as { readonly other: string; readonly type?: string }
    const id = request.path['id'] as string
    if (other === id) {
      throw new GatewayError('GW_UNPROCESSABLE', 'These are one record already: name another.', {
        expression: 'body.other',
      })
    }
    await changeBoth(request, [id, other], ([one, two]) => {
      if (linkBetween(one, two) ?? linkBetween(two, one)) {
        throw new GatewayError('GW_CONFLICT', 'These two are linked: take the link away first.')
      }
      const [there, back]: LinkType[] = type === 'replaces' ? ['replaces', 'replaced-by'] : ['seealso', 'seealso']
      return [withLink(one, two, there as LinkType), withLink(two, one, back as LinkType)]
    })
    return linksAnswer(request, 201)
  },
  again: (request) => linksAnswer(request, 201),
}

export const unlinkPeople: ApiOperation = {
  async handle(request) {
    const { id, other } = request.path as { readonly id: string; readonly other: string }
    await changeBoth(request, [id, other], ([one, two]) => {
      if (!linkBetween(one, two) && !linkBetween(two, one)) {
        throw new GatewayError('GW_NOT_FOUND', 'These two are not linked.')
      }
      return [withoutLink(one, two), withoutLink(two, one)]
    })
    return linksAnswer(request, 200)
  },
}

/** Both or neither; when somebody else was faster, again of what is there then. */
async function changeBoth(
  { records }: ApiRequest,
  [first, second]: readonly [string, string],
  edit: (both: readonly [Stored, Stored]) => readonly Stored[],
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const edited = edit([await records.read('Patient', first), await records.read('Patient', second)])
    try {
      await records.ask('POST', [], [], transactionOf(edited))
      return
    } catch (error) {
      if (!isOvertaken(error) || tries === TRIES) throw error
    }
  }
}

function transactionOf(edited: readonly Stored[]): Bundle {
  const entry = edited.map((resource) => ({
    resource,
    request: { method: 'PUT' as const, url: `Patient/${resource.id}`, ifMatch: `W/"${versionOf(resource)}"` },
  }))
  return { resourceType: 'Bundle', type: 'transaction', entry }
}

export function linkBetween({ link = [] }: Patient, other: Stored): PatientLink | undefined {
  return link.find((each) => idIn(each.other) === other.id)
}

function withLink(patient: Stored, { id }: Stored, type: LinkType): Stored {
  return { ...patient, link: [...(patient.link ?? []), { other: { reference: `Patient/${id}` }, type }] }
}

function withoutLink({ link = [], ...patient }: Stored, { id }: Stored): Stored {
  const rest = link.filter(({ other }) => idIn(other) !== id)
  return { ...patient, ...(rest.length > 0 && { link: rest }) }
}

async function linksAnswer({ records, path }: ApiRequest, status: number): Promise<ApiAnswer> {
  const { link = [] } = await records.read('Patient', path['id'] as string)
  const ids = link.flatMap(({ other }) => idIn(other) ?? [])
  if (ids.length === 0) return { status, body: { items: [] } }
  const { found } = await records.search('Patient', [
    ['_id', ids.join(',')],
    ['_total', 'none'],
  ])
  const items = found.map((person) => ({ type: typeOf(link, person.id), person: itemOf(person) }))
  return { status, body: { items } }
}

function typeOf(links: readonly PatientLink[], id: string): string {
  const { type = 'seealso' } = links.find(({ other }) => idIn(other) === id) ?? {}
  return WORDS[type]
}
