/**
 * Where each element of a stored resource comes from, and which version gave it the value it has: by the clinic's own
 * program, or by a FHIR client.
 */
import type { Resource } from '@medplum/fhirtypes'
import type { Permit } from '../access/permit.ts'
import { GatewayError } from '../kernel/errors.ts'
import { MappingProblem, UnreadableError } from '../mapping/errors.ts'
import { lineageIn, valueText } from '../mapping/explain.ts'
import type { ElementLineage } from '../mapping/explain.ts'
import { parseJson } from '../r4/json.ts'
import type { ResourceDocument, VersionDocument } from '../store/documents.ts'
import { at } from '../store/reads.ts'
import { seenVersions } from '../store/version-permit.ts'
import { openedVersion } from '../store/sealed-bodies.ts'
import type { Scope } from './batch.ts'
import { onCurrent } from './current-view.ts'
import { viewOf } from './write-scope.ts'

export interface ResourceLineage {
  readonly version: number
  /** absent: it is stored as clients sent it */
  readonly mapping?: { readonly name: string; readonly version: string }
  readonly elements: readonly ElementHistory[]
}

export interface ElementHistory extends ElementLineage {
  readonly written: VersionMark
}

/** The version that gave an element its value. */
export type VersionMark = Pick<VersionDocument, 'v' | 'u' | 'method' | 'by'>

/** Elements older than this many versions are said to be of the oldest of them. */
const MOST_VERSIONS = 100

/** Undefined when there is no such resource, or it is deleted. */
export async function readLineage(
  tools: Omit<Scope, 'session'>,
  permit: Permit,
  type: string,
  id: string,
): Promise<ResourceLineage | undefined> {
  const reference = `${type}/${id}`
  return onCurrent(tools, permit, reference, (scope, stored) => lineageNow(scope, permit, reference, stored))
}

async function lineageNow(
  scope: Scope,
  permit: Permit,
  reference: string,
  stored: ResourceDocument,
): Promise<ResourceLineage> {
  const { store, session } = scope
  const _id = `${permit.tenant}/${reference}`
  const { elements, ...mapping } = await explain(scope, stored)
  const versions = await store.versions
    .find({ _id: { $gte: `${_id}/`, $lt: `${_id}/~` }, t: permit.tenant }, at(session))
    .sort({ _id: -1 })
    .limit(MOST_VERSIONS)
    .toArray()
  // Nor who wrote what may not be seen any more
  const seen = new Set<object>(await seenVersions(store, permit, versions, at(session) ?? {}))
  const marks = marksOf(
    elements,
    versions.filter((version) => seen.has(version)).map((version) => openedVersion(store, version)),
  )
  return {
    version: stored.v,
    ...mapping,
    elements: elements.map((element) => ({
      ...element,
      written: marks.get(element.path) ?? { v: stored.v, u: stored.u, method: 'PUT' },
    })),
  }
}

async function explain(
  scope: Scope,
  stored: ResourceDocument,
): Promise<Pick<ResourceLineage, 'mapping'> & { elements: readonly ElementLineage[] }> {
  const resource = parseJson(stored.body) as unknown as Resource
  if (!stored.origin) return { elements: lineageIn(resource, []) }
  const view = await viewOf(scope, stored)
  if (!view) throw unreadable()
  const { part, context } = view
  const { mapping: name, mappingHash: version } = stored.origin
  try {
    return { mapping: { name, version }, elements: part.lens.explain(part, resource, context) }
  } catch (error) {
    throw error instanceof MappingProblem || error instanceof UnreadableError ? unreadable() : error
  }
}

/** For each element the oldest version since which it has been as it is; `versions` newest first. */
function marksOf(elements: readonly ElementLineage[], versions: readonly VersionDocument[]): Map<string, VersionMark> {
  const marks = new Map<string, VersionMark>()
  let open = elements
  for (const version of versions) {
    const values = valuesIn(version)
    open = open.filter(({ path, value }) => values.get(path) === valueText(value))
    for (const { path } of open) marks.set(path, version)
  }
  return marks
}

function valuesIn({ body }: VersionDocument): Map<string, string> {
  if (body === '') return new Map()
  const elements = lineageIn(parseJson(body) as object, [])
  return new Map(elements.map(({ path, value }) => [path, valueText(value)]))
}

function unreadable(): GatewayError {
  return new GatewayError(
    'GW_CONFLICT',
    'The source row cannot be read by its mapping at present, so the resource stays as it was; isthmus problems says why.',
  )
}
