/**
 * `$meta`, `$meta-add` and `$meta-delete` (https://hl7.org/fhir/R4/resource-operation-meta.html): the profiles, tags and
 * security labels of a resource, or all that resources of a type or of the server have.
 *
 * R4 leaves it open whether such a change makes a version. Here it does: it is an update like any other, so history says
 * what a resource was when, and what a source owns goes the way of every write.
 */
import type { Meta, Resource } from '@medplum/fhirtypes'
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { parseJson, stringifyJson } from '../../r4/json.ts'
import type { SearchReader } from '../../store/search-reader.ts'
import type { FhirContext } from '../context.ts'
import { versionHeaders } from '../headers.ts'
import { gone, notFound } from '../interactions/read.ts'
import { commitOne, versionOf } from '../write-context.ts'
import type { Call, Operation } from './operation.ts'

type Labels = Pick<Meta, 'profile' | 'tag' | 'security'>
type Label = NonNullable<Meta['tag']>[number]

export const meta: Operation = {
  code: 'meta',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta',
  levels: ['system', 'type', 'instance'],
  access: 'reads',
  heavy: true,
  inputs: [],
  async handle(context, { type, id }): Promise<Answer> {
    if (type === undefined || id === undefined) return answer(await labelsOfAll(context, type))
    const stored = await context.reader.read(context.permit, type, id)
    if (!stored) throw notFound(type)
    if (stored.deleted) throw gone(type)
    context.request.trail?.saw([stored])
    const { meta: own } = parseJson(stored.body.toString()) as { meta?: Meta }
    return answer(own ?? {})
  },
}

export const metaAdd: Operation = changing('meta-add', (own, sent) => ({
  profile: [...new Set([...(own.profile ?? []), ...(sent.profile ?? [])])],
  tag: withLabels(own.tag, sent.tag),
  security: withLabels(own.security, sent.security),
}))

export const metaDelete: Operation = changing('meta-delete', (own, sent) => ({
  profile: (own.profile ?? []).filter((profile) => !sent.profile?.includes(profile)),
  tag: withoutLabels(own.tag, sent.tag),
  security: withoutLabels(own.security, sent.security),
}))

function changing(code: string, change: (own: Labels, sent: Labels) => Labels): Operation {
  return {
    code,
    definition: `http://hl7.org/fhir/OperationDefinition/Resource-${code}`,
    levels: ['instance'],
    access: 'changes',
    affectsState: true,
    inputs: [{ name: 'meta', type: 'Meta', required: true }],
    async handle(context: FhirContext, { type = '', id = '', inputs }: Call): Promise<Answer> {
      const sent = inputs.get('meta')?.[0] as unknown as Labels
      const edit = (current: Resource | undefined): Resource => edited(current as Resource, sent, change)
      const match = versionOf(context.request.header('if-match'))
      const written = await commitOne(context, { method: 'PUT', type, id, ...match, edit, existing: true })
      const { meta: own } = parseJson(written.body) as { meta?: Meta }
      return { ...answer(own ?? {}, versionHeaders(written)), interaction: code }
    },
  }
}

function edited(current: Resource, sent: Labels, change: (own: Labels, sent: Labels) => Labels): Resource {
  const own = current.meta ?? {}
  const { profile = [], tag = [], security = [] } = change(own, sent)
  const { profile: _profile, tag: _tag, security: _security, ...others } = own
  const kept = {
    ...others,
    ...(profile.length > 0 && { profile }),
    ...(tag.length > 0 && { tag }),
    ...(security.length > 0 && { security }),
  }
  return { ...current, meta: kept }
}

/** R4: a label is there once, by its system and code; what is said of it now counts. */
function withLabels(own: readonly Label[] = [], sent: readonly Label[] = []): Label[] {
  return [...withoutLabels(own, sent), ...sent]
}

function withoutLabels(own: readonly Label[] = [], sent: readonly Label[] = []): Label[] {
  return own.filter((label) => !sent.some(({ system, code }) => label.system === system && label.code === code))
}

/** So many different ones are named at most. */
const MOST = 1_000

/** As the search keys have them: without displays. */
async function labelsOfAll({ reader, permit }: FhirContext, type: string | undefined): Promise<Labels> {
  const found = await Promise.all(['_profile', '_tag', '_security'].map((code) => keysOf(reader, permit, code, type)))
  const [profile = [], tag = [], security = []] = found
  return {
    ...(profile.length > 0 && { profile }),
    ...(tag.length > 0 && { tag: tag.flatMap(labelOf) }),
    ...(security.length > 0 && { security: security.flatMap(labelOf) }),
  }
}

async function keysOf(
  reader: SearchReader,
  permit: FhirContext['permit'],
  code: string,
  type: string | undefined,
): Promise<string[]> {
  const start = `${code}=`
  // `>` comes after `=`
  const range = [start, `${code}>`] as const
  const filter = { k: { $elemMatch: { $gte: range[0], $lt: range[1] } } }
  const keys = await reader.keysWithin(
    permit,
    type === undefined ? filter : { tt: `${permit.tenant}/${type}`, ...filter },
    [range],
    MOST,
  )
  return keys.map((key) => key.slice(start.length)).sort()
}

/** Of the three keys of a token the one with system and code. */
function labelOf(key: string): Label[] {
  const end = key.lastIndexOf('|')
  const [system, code] = [key.slice(0, end), key.slice(end + 1)]
  if (system === '*' || code === '*') return []
  return [{ ...(system !== '' && { system }), code }]
}

function answer(valueMeta: Meta, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = stringifyJson({ resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta }] })
  return { status: 200, headers: { ...headers, 'Content-Type': FHIR_JSON }, body, interaction: 'meta' }
}
