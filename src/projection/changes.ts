/**
 * What a batch changes: new versions of what differs from what is stored, tombstones of what is gone, and the rows'
 * own documents. Equal content makes no version.
 */
import { hash as hashOf } from 'node:crypto'
import type { JsonObject } from '../r4/element-paths.ts'
import { hashOfAll, parameterHashes } from '../r4/parameter-hashes.ts'
import type { ParameterHashes } from '../r4/parameter-hashes.ts'
import { searchKeys, searchedPart } from '../r4/search-keys.ts'
import type { Origin, ProblemDocument, RowDocument, VersionDocument } from '../store/documents.ts'
import type { Changes, ResourceState, ResourceWrite } from '../store/projected.ts'
import { NO_KEYS } from '../store/projected.ts'
import { keysOf } from '../store/source-rows.ts'
import type { BatchRow } from './batch.ts'
import type { Claim } from './claims.ts'
import type { Content, Contents, Known } from './contents.ts'
import { isThere } from './contents.ts'
import { withMeta } from './version-meta.ts'

type ResourceChanges = Pick<Changes, 'resources' | 'moved'>

export function resourceChanges(known: Known, contents: Contents, now: Date): ResourceChanges {
  const resources: ResourceWrite[] = []
  const moved = new Map<string, Origin>()
  for (const [id, content] of contents.made) {
    const state = known.states.get(id)
    if (content && state && isThere(state) && isSame(state, content)) {
      if (comesFromElsewhere(state, content.claim)) moved.set(id, originOf(content.claim))
    } else if (content) resources.push(versionOf(id, state, content, now, byOf(known, id)))
    else if (!state || isThere(state)) resources.push(tombstoneOf(id, state, now, known))
  }
  for (const id of known.removed) {
    const state = known.states.get(id)
    if (state && isThere(state)) resources.push(tombstoneOf(id, state, now, known))
  }
  return { resources, moved }
}

/** Sealed under whichever key. */
function isSame({ hash }: ResourceState, content: Content): boolean {
  return hash === content.hash || content.sealed?.hashes.includes(hash) === true
}

/** What several rows give stays with the row that gave it first. */
function comesFromElsewhere({ row, mapping, mappingHash }: ResourceState, { part: { lens }, holder }: Claim): boolean {
  if (lens.shared) return mapping === lens.name && mappingHash !== lens.hash
  return row !== holder.id || mapping !== lens.name || mappingHash !== lens.hash
}

/** Types are short words in `_id`s: `<tenant>/<Type>/<id>`. */
function placeOf(id: string): { t: string; tt: string } {
  const [tenant = '', type = ''] = id.split('/')
  return { t: tenant, tt: `${tenant}/${type}` }
}

/** Who wrote the version, where a client did. */
function byOf({ written, claims }: Known, id: string): string | undefined {
  const isOwn = written?.settle.has(id) || written?.deleted.has(id)
  return isOwn || written?.rows?.has(claims.get(id)?.holder.id ?? '') ? written?.by : undefined
}

/** What a version is made of: mapped content, a definition, or a resource that is stored as it was sent. */
export type VersionContent = Pick<Content, 'text' | 'hash' | 'resource' | 'beside' | 'sealed'> & {
  readonly claim?: Claim
  readonly origin?: Origin
}

export function versionOf(
  id: string,
  state: ResourceState | undefined,
  { text, hash, resource, beside, sealed, claim, origin }: VersionContent,
  now: Date,
  by: string | undefined,
): ResourceWrite {
  const { v, u } = nextVersion(state, now)
  const searchable = sealed?.blinded ?? (resource as JsonObject)
  const searched = searchedHash(searchable)
  const document: ResourceWrite['document'] = {
    _id: id,
    ...placeOf(id),
    v,
    u,
    deleted: false,
    body: withMeta(text, v, u),
    hash,
    keyHash: `${v} ${searched}`,
    ...(origin && { origin }),
    ...(claim && { origin: originOf(claim) }),
    ...(beside !== undefined && { beside }),
  }
  const version = versionDocument(document, state ? 'PUT' : 'POST', by)
  const isKnown = state?.keyHash === `${state?.v} ${searched}`
  return {
    ...{ document, keys: isKnown ? undefined : searchKeys(searchable), version, replaces: state?.v ?? 0 },
    ...(sealed && { sealed: sealed.places }),
  }
}

const setHashes = new WeakMap<ParameterHashes, string>()

/** Of all that search keys are made of: of the resource, and which parameters there are and how their keys are made. */
function searchedHash(resource: JsonObject): string {
  const parameters = parameterHashes().get(String(resource['resourceType'])) ?? {}
  const ofSet = setHashes.get(parameters) ?? hashOfAll(parameters)
  setHashes.set(parameters, ofSet)
  return hashOf('sha256', `${ofSet} ${searchedPart(resource)}`, 'base64').slice(0, 22)
}

const NOTHING: Pick<Known, 'claims'> = { claims: new Map() }

export function tombstoneOf(
  id: string,
  state: ResourceState | undefined,
  now: Date,
  known: Pick<Known, 'claims' | 'written'> = NOTHING,
): ResourceWrite {
  const claim = known.claims.get(id)
  const isClients = known.written?.deleted.has(id) === true
  const document: ResourceWrite['document'] = {
    _id: id,
    ...placeOf(id),
    ...nextVersion(state, now),
    deleted: true,
    body: '',
    hash: '',
    keyHash: '',
    ...(claim && { origin: originOf(claim) }),
    ...(!isClients && state?.beside !== undefined && { beside: state.beside }),
  }
  const by = isClients ? known.written?.by : undefined
  return { document, version: versionDocument(document, 'DELETE', by), replaces: state?.v ?? 0, keys: NO_KEYS }
}

function originOf({ part, holder }: Claim): Origin {
  const { instance, collection } = holder.ref
  return {
    instance,
    collection,
    mapping: part.lens.name,
    mappingHash: part.lens.hash,
    slot: part.slot,
    row: holder.id,
  }
}

function versionDocument(
  { _id, t, tt, v, u, body }: ResourceWrite['document'],
  method: VersionDocument['method'],
  by: string | undefined,
): VersionDocument {
  const version = { _id: `${_id}/${String(v).padStart(10, '0')}`, t, tt, v, u, method, body }
  return by === undefined ? version : { ...version, by }
}

/** Time may stand still or run backwards; versions of a resource never do (fault 29). */
function nextVersion(state: ResourceState | undefined, now: Date): { v: number; u: Date } {
  if (!state) return { v: 1, u: now }
  return { v: state.v + 1, u: state.u < now ? now : new Date(state.u.getTime() + 1) }
}

/** Changes of resources alone. */
export function changesOf(resources: readonly ResourceWrite[]): Changes {
  return {
    resources,
    moved: new Map(),
    newRows: [],
    rows: [],
    hashes: new Map(),
    goneRows: [],
    problems: [],
    solved: [],
    tenants: [],
    goneTenants: [],
    pending: [],
  }
}

/** The row documents and problems of a batch whose contents are known. */
export function rowChanges(
  batch: readonly BatchRow[],
  known: Known,
  contents: Contents,
  now: Date,
): Pick<Changes, 'newRows' | 'rows' | 'hashes' | 'goneRows' | 'problems' | 'solved'> {
  const newRows: RowDocument[] = []
  const rows: RowDocument[] = []
  const hashes = new Map<string, string>()
  const goneRows: string[] = []
  const problems: ProblemDocument[] = []
  const solved: string[] = []
  const given = resourcesByRow(known, contents)
  for (const row of batch) {
    if (row.row && row.plan) {
      const document = rowDocument(row, [...(given.get(row) ?? []), ...keptResources(row, known)])
      if (!row.before) newRows.push(document)
      else if (!sameRow(row.before, document)) rows.push(document)
      else if (row.before.hash !== document.hash) hashes.set(row.id, document.hash)
    } else if (row.before) goneRows.push(row.id)
    if (row.problem) problems.push(problemDocument(row, row.problem, now))
    else if (row.before?.problem) solved.push(row.id)
  }
  return { newRows, rows, hashes, goneRows, problems, solved }
}

function resourcesByRow({ claims, states }: Known, { made, failed }: Contents): Map<BatchRow, string[]> {
  const given = new Map<BatchRow, string[]>()
  for (const { id, givers } of claims.values()) {
    const isCurrent = made.get(id) !== undefined || (failed.has(id) && isThere(states.get(id)))
    if (!isCurrent) continue
    for (const giver of givers) {
      const list = given.get(giver)
      if (list) list.push(id)
      else given.set(giver, [id])
    }
  }
  return given
}

/** What mappings that failed gave before: it stays in its last good version. */
export function keptResources({ before, failed }: BatchRow, { states }: Pick<Known, 'states'>): string[] {
  if (failed.size === 0) return []
  return (before?.resources ?? []).filter((id) => failed.has(states.get(id)?.mapping ?? ''))
}

function rowDocument(
  { id, ref, hash: rowHash, answers, deps, problem }: BatchRow,
  resources: readonly string[],
): RowDocument {
  return {
    _id: id,
    instance: ref.instance,
    collection: ref.collection,
    row: ref._id,
    hash: rowHash,
    answers,
    deps: [...deps].sort(),
    resources: [...resources].sort(),
    problem: problem !== undefined,
  }
}

/** All but the hash. */
function sameRow(before: RowDocument, after: RowDocument): boolean {
  return (
    before.problem === after.problem &&
    sameTexts(before.answers, after.answers) &&
    sameTexts(before.deps, after.deps) &&
    sameTexts(before.resources, after.resources)
  )
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index])
}

function problemDocument(
  { id, ref, plan, row }: BatchRow,
  { mapping, rule, reason }: NonNullable<BatchRow['problem']>,
  now: Date,
): ProblemDocument {
  const key = (plan?.key ?? []).map((column) => keysOf(row?.[column])[0] ?? '').join(':')
  return { _id: id, instance: ref.instance, collection: ref.collection, key, mapping, rule, reason, since: now }
}
