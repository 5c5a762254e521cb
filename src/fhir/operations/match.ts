/** `Patient/$match` (https://hl7.org/fhir/R4/patient-operation-match.html): who this may be, across all systems of the tenant. */
import type { Patient } from '@medplum/fhirtypes'
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Found } from '../../store/search-reader.ts'
import { bundleBytes } from '../bundle.ts'
import type { EntryText } from '../bundle.ts'
import type { FhirContext } from '../context.ts'
import { candidatesFor } from '../matching/candidates.ts'
import { factsOf } from '../matching/facts.ts'
import { scoreOf } from '../matching/score.ts'
import type { Grade } from '../matching/score.ts'
import { urlOf } from '../paging.ts'
import { assertResource } from '../resource-body.ts'
import { countInput, flagInput } from './inputs.ts'
import type { Call, Operation } from './operation.ts'

const GRADE = 'http://hl7.org/fhir/StructureDefinition/match-grade'
const DEFAULT = 20

export const match: Operation = {
  code: 'match',
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-match',
  levels: ['type'],
  access: 'reads',
  resources: ['Patient'],
  heavy: true,
  inputs: [
    { name: 'resource', type: 'Resource', required: true },
    { name: 'onlyCertainMatches', type: 'boolean' },
    { name: 'count', type: 'integer' },
  ],
  async handle(context: FhirContext, { inputs }: Call): Promise<Answer> {
    const patient = assertResource(inputs.get('resource')?.[0], 'Patient') as Patient
    const count = countInput(inputs, 'count') ?? DEFAULT
    if (count < 1) throw new GatewayError('GW_BAD_REQUEST', '"count" is a number of 1 or more.')
    const ranked = await rankedFor(context, patient)
    const shown = flagInput(inputs, 'onlyCertainMatches') ? certain(ranked) : ranked
    const given = shown.slice(0, Math.min(count, context.limits.pageSize))
    context.request.trail?.saw(given.map(({ found }) => found))
    const entries = given.map((each) => entryOf(context, each))
    const links = [{ relation: 'self', url: urlOf(context, 'Patient/$match') }] as const
    const body = bundleBytes({ type: 'searchset', total: entries.length, links, entries })
    return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction: 'match' }
  },
}

interface Match {
  readonly found: Found
  readonly score: number
  readonly grade: Grade
  readonly source: string
}

async function rankedFor(context: FhirContext, patient: Patient): Promise<Match[]> {
  const facts = factsOf(patient)
  const candidates = await candidatesFor(context, patient)
  const matches = candidates.flatMap((found): Match[] => {
    const other = JSON.parse(found.body.toString()) as Patient
    const { score, grade } = scoreOf(facts, factsOf(other))
    return grade ? [{ found, score, grade, source: sourceOf(other) }] : []
  })
  return matches.sort((a, b) => b.score - a.score || (a.found._id < b.found._id ? -1 : 1))
}

/** Which system it comes from: all before the row. */
function sourceOf({ meta }: Patient): string {
  return meta?.source?.replace(/[^/]*$/, '') ?? ''
}

/** Two certain ones of one system contradict each other: then none is (R4: no match rather than several). */
function certain(matches: readonly Match[]): Match[] {
  const found = matches.filter(({ grade }) => grade === 'certain')
  return new Set(found.map(({ source }) => source)).size === found.length ? found : []
}

function entryOf({ permit, request }: FhirContext, { found, score, grade }: Match): EntryText {
  const fullUrl = `${request.base}/${found._id.slice(permit.tenant.length + 1)}`
  const search = { extension: [{ url: GRADE, valueCode: grade }], mode: 'match', score }
  return [`{"fullUrl":${JSON.stringify(fullUrl)},"resource":`, found.body, `,"search":${JSON.stringify(search)}}`]
}
