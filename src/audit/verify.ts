/** Walks the chain of a tenant's audit, and says of everything that is not as it was linked what became of it. */
import { GatewayError } from '../kernel/errors.ts'
import type { AuditDocument, AuditHead, AuditLink } from '../store/audit-documents.ts'
import { auditState, readEvents, readLinks } from '../store/audit-chain.ts'
import type { Store } from '../store/collections.ts'
import { eventMark, headMark, linkMark, markerOf } from './chain.ts'

export type FindingKind = 'changed' | 'missing' | 'reordered' | 'added' | 'cut' | 'link' | 'head'

export interface Finding {
  readonly kind: FindingKind
  /** of an event: its id, and its number in the chain */
  readonly event?: string
  readonly number?: number
  readonly says: string
}

export interface Verdict {
  readonly tenant: string
  /** events in the chain, and committed ones that are not linked yet */
  readonly linked: number
  readonly open: number
  /** to be noted elsewhere: who has it can tell whether the chain was cut here, or made anew */
  readonly end: { readonly number: number; readonly hash: string }
  readonly findings: readonly Finding[]
}

/** An event that does not fit its mark. */
interface Doubt {
  readonly event: AuditDocument
  readonly id: string
  readonly number: number
  readonly digest: string
  readonly key: string
}

interface Walk {
  number: number
  previous: string
  missing: number
  readonly findings: Finding[]
  readonly doubts: Doubt[]
}

/** `deadline`: who waits for it does so no longer. */
export async function verifyTenant(
  store: Store,
  tenant: string,
  deadline?: { readonly isOver: boolean },
): Promise<Verdict> {
  const { head, closed, open } = await auditState(store, tenant)
  const { number, previous } = head?.start ?? { number: 1, previous: '' }
  const walk: Walk = { number, previous, missing: 0, findings: [], doubts: [] }
  for await (const link of readLinks(store, tenant)) {
    // Linked since the beginning of this
    if (head && link.first > head.end.number) break
    if (deadline?.isOver) throw new GatewayError('GW_TIMEOUT', TOO_LONG)
    await follow(store, walk, link)
  }
  resolveDoubts(store, tenant, walk)
  checkEnd(store, walk, head)
  const linked = walk.number - number
  const others = closed - (linked - walk.missing)
  if (others > 0) {
    walk.findings.push({ kind: 'added', says: `${others} events say that they are linked, and no link has them` })
  }
  return { tenant, linked, open, end: { number: walk.number - 1, hash: walk.previous }, findings: walk.findings }
}

const TOO_LONG = 'The chain is too long to be verified within a request: run isthmus audit verify.'

async function follow(store: Store, walk: Walk, link: AuditLink): Promise<void> {
  const { t, first, ids, digests, previous, hash, key } = link
  const { findings } = walk
  if (first !== walk.number) {
    const says = `events ${walk.number} to ${first - 1} are missing with their link`
    findings.push({ kind: 'missing', number: walk.number, says })
  } else if (previous !== walk.previous) {
    findings.push({ kind: 'link', number: first, says: `the link of event ${first} does not follow the one before it` })
  }
  const marker = markerOf(store.seals, t, key)
  if (linkMark(marker, link) !== hash) {
    const says = `the link of events ${first} to ${first + ids.length - 1} was changed`
    findings.push({ kind: 'link', number: first, says })
  }
  const events = await readEvents(store, t, ids)
  for (const [index, id] of ids.entries()) {
    const [number, digest, event] = [first + index, digests[index] ?? '', events.get(id)]
    if (!event) {
      walk.missing++
      findings.push({ kind: 'missing', event: id, number, says: `event ${number} (${id}) is missing` })
    } else if (eventMark(marker, number, event) !== digest) walk.doubts.push({ event, id, number, digest, key })
  }
  walk.number = first + ids.length
  walk.previous = hash
}

/** More are not held against each other. */
const MOST_DOUBTS = 1_000

/** An event that fits the mark of another place was moved; any other was changed. */
function resolveDoubts(store: Store, tenant: string, { doubts, findings }: Walk): void {
  const few = doubts.length > MOST_DOUBTS ? [] : doubts
  for (const { event, id, number } of doubts) {
    const from = few.find(
      (other) => eventMark(markerOf(store.seals, tenant, other.key), other.number, event) === other.digest,
    )
    const says = from ? `stands at ${number} and was linked as ${from.number}` : 'is not what was linked'
    findings.push({
      ...{ kind: from ? 'reordered' : 'changed', event: id, number },
      says: `event ${number} (${id}) ${says}`,
    })
  }
}

function checkEnd(store: Store, { number, previous, findings }: Walk, head: AuditHead | undefined): void {
  const last = number - 1
  if (!head) {
    if (last > 0) findings.push({ kind: 'head', says: 'nothing says any more where the chain ends' })
    return
  }
  if (headMark(markerOf(store.seals, head._id, head.key), head) !== head.seal) {
    findings.push({ kind: 'head', says: 'what says where the chain begins and ends was changed' })
  }
  if (head.end.number > last) {
    const says = `the end is missing: events ${last + 1} to ${head.end.number} were cut off`
    findings.push({ kind: 'cut', number: last + 1, says })
  } else if (head.end.hash !== previous) {
    findings.push({ kind: 'head', says: 'the chain does not end as it is said to' })
  }
}
