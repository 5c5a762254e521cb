/** Whose records an export has: of everybody, of the members of a Group, of those who are named. */
import { GatewayError } from '../../kernel/errors.ts'
import { parseJson } from '../../r4/json.ts'
import type { ExportWish } from '../../store/job-documents.ts'
import type { FhirContext } from '../context.ts'
import { notFound } from '../interactions/read.ts'
import type { Inputs } from '../operations/inputs.ts'

type Named = { readonly reference?: string }
type Member = { readonly entity?: Named; readonly inactive?: boolean; readonly period?: { readonly end?: string } }

/** Each is looked up; members of a Group are not. */
const MOST_NAMED = 10_000

/** Of those named, or of all. */
export async function patientsNamed(
  context: FhirContext,
  inputs: Inputs,
): Promise<NonNullable<ExportWish['patients']>> {
  const named = namedIn(context, inputs)
  if (named.length === 0) return 'all'
  if (named.length > MOST_NAMED) {
    throw new GatewayError('GW_BAD_REQUEST', `"patient" names at most ${MOST_NAMED}: make a Group of them.`)
  }
  const { permit, reader } = context
  const ids = named.map((id) => `${permit.tenant}/Patient/${id}`)
  const there = await reader.identify(permit, { _id: { $in: ids }, deleted: false }, ids.length)
  if (there.length < ids.length) throw new GatewayError('GW_BAD_REQUEST', '"patient" names one that is not there.')
  return named
}

/** The active members of the group; of those named, where some are. */
export async function patientsOfGroup(context: FhirContext, id: string, inputs: Inputs): Promise<string[]> {
  const stored = await context.reader.read(context.permit, 'Group', id)
  if (!stored || stored.deleted) throw notFound('Group')
  const { member = [] } = parseJson(stored.body.toString()) as { readonly member?: readonly Member[] }
  const active = member.filter(isActive)
  const members = new Set(active.flatMap(({ entity }) => patientId(context, entity)))
  const named = namedIn(context, inputs)
  if (named.some((each) => !members.has(each))) {
    throw new GatewayError('GW_BAD_REQUEST', '"patient" names one who is no active member of the group.')
  }
  return named.length === 0 ? [...members] : named
}

function isActive({ inactive, period }: Member): boolean {
  return inactive !== true && (period?.end === undefined || period.end >= new Date().toISOString())
}

function namedIn(context: FhirContext, inputs: Inputs): string[] {
  const references = (inputs.get('patient') ?? []) as unknown as readonly Named[]
  return [
    ...new Set(
      references.flatMap((named) => {
        const found = patientId(context, named)
        if (found.length === 0) throw new GatewayError('GW_BAD_REQUEST', '"patient" is a reference such as Patient/1.')
        return found
      }),
    ),
  ]
}

function patientId({ request }: FhirContext, named: Named | undefined): string[] {
  const text = named?.reference ?? ''
  const own = text.startsWith(`${request.base}/`) ? text.slice(request.base.length + 1) : text
  const [, id] = /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(own) ?? []
  return id === undefined ? [] : [id]
}
