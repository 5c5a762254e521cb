/**
 * Documents that are read by `_id`, each for its reader, as one predicate. Which one is meant is known, so what a Permit says
 * of names is decided here, and what is left is asked once for all of whom the same is left: of patients that read
 * themselves nothing but what is denied to all.
 */
import type { Filter } from 'mongodb'
import { SEEING, testsOf } from '../access/allowed.ts'
import type { KeyTest } from '../access/key-test.ts'
import type { Permit } from '../access/permit.ts'
import type { ResourceDocument } from './documents.ts'
import { notDenied, testFilter } from './key-test-filter.ts'
import { aside } from './filter-parts.ts'
import { textOf } from './permit-filter.ts'

type Predicate = Filter<ResourceDocument>

interface Read {
  readonly _id: string
  readonly tenant: string
  /** one of these must fit; none: nothing is asked of it */
  readonly tests: readonly KeyTest[]
  readonly but: readonly KeyTest[]
}

/** Undefined: nobody may see anything of it. Of what one may see and another not, only what each asked for is found. */
export function permittedEach(wanted: ReadonlyMap<string, Permit>): Predicate | undefined {
  const reads = [...wanted].flatMap(([_id, permit]) => readOf(permit, _id))
  const denials = Map.groupBy(reads, ({ tenant, but }) => `${tenant} ${textOf(but)}`)
  const [first, ...others] = [...denials.values()].map(deniedAlike)
  if (!first || others.length === 0) return first
  return { _id: namedBy(reads), ...aside({ $or: [first, ...others] }) }
}

/** The same of all: what is known of it is found by what it is. */
const NOTHING: readonly KeyTest[] = []

/** None: whatever it holds, it is not to be seen. */
function readOf(permit: Permit, _id: string): Read[] {
  const { tenant } = permit
  const name = _id.slice(tenant.length + 1)
  const tests = testsOf(permit, SEEING, name.slice(0, name.indexOf('/')))
  if (tests === 'all') return [{ _id, tenant, tests: NOTHING, but: NOTHING }]
  const fitting = tests.filter(({ names }) => names?.includes(name) ?? true)
  if (fitting.length === 0) return []
  const isAsked = fitting.every(({ some, none }) => some.length + none.length > 0)
  return [
    {
      _id,
      tenant,
      tests: isAsked ? fitting.map(({ names: _, ...rest }) => rest) : NOTHING,
      but: tests[0]?.but ?? NOTHING,
    },
  ]
}

function deniedAlike(reads: readonly Read[]): Predicate {
  const [{ tenant: t, but }] = reads as [Read]
  const alike = [...Map.groupBy(reads, ({ tests }) => (tests.length === 0 ? '' : JSON.stringify(tests))).values()]
  const [first, ...others] = alike.map((some): Predicate => {
    const [{ tests }] = some as [Read]
    const [one, ...more] = tests.map((test) => testFilter(t, test))
    return { _id: namedBy(some), ...(more.length === 0 ? one : { $or: [one, ...more] as Predicate[] }) }
  })
  const named =
    others.length === 0 ? first : { _id: namedBy(reads), ...aside({ $or: [first, ...others] as Predicate[] }) }
  return { $and: [{ ...named, t }, ...(but.length === 0 ? [] : [notDenied(t, but)])] }
}

function namedBy(reads: readonly Pick<Read, '_id'>[]): string | { $in: string[] } {
  const [{ _id } = { _id: '' }, ...others] = reads
  return others.length === 0 ? _id : { $in: reads.map((each) => each._id) }
}
