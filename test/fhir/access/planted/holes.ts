/** Holes that are planted, one at a time: where, what stands there, and what a careless change would make of it. */

export interface Planted {
  readonly name: string
  readonly edits: readonly Edit[]
  /** cases of the matrix whose names hold this text are asked: a run of all would show no more */
  readonly cases: string
}

interface Edit {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** A Permit without limits, in place of the caller's. */
const OPEN = `{ tenant: permit.tenant, rules: 'everything' } as never`

export const holes: readonly Planted[] = [
  {
    name: 'a version is read without the predicate',
    cases: '_history/',
    edits: [
      {
        file: 'src/store/resource-reader.ts',
        from: 'if (!found || !isOpen || !(await seesVersion(store, permit, found, limits()))) return undefined',
        to: 'if (!found) return undefined',
      },
    ],
  },
  {
    name: 'chains are looked up without the predicate',
    cases: '._',
    edits: [{ file: 'src/fhir/search/linked.ts', from: 'reader.identify(permit,', to: `reader.identify(${OPEN},` }],
  },
  {
    name: '_has is looked up without the predicate',
    cases: '_has:',
    edits: [{ file: 'src/fhir/search/linked.ts', from: 'reader.keysWithin(permit,', to: `reader.keysWithin(${OPEN},` }],
  },
  {
    name: 'includes are looked up without the predicate',
    cases: 'include',
    edits: [
      {
        file: 'src/fhir/search/included.ts',
        from: 'reader.find(permit, { ...page, filter })',
        to: `reader.find(${OPEN}, { ...page, filter })`,
      },
    ],
  },
  {
    name: 'totals are counted without the predicate',
    cases: '_total=',
    edits: [
      {
        file: 'src/store/search-reader.ts',
        from: 'const ranged = permittedRange(permit, filter)',
        to: `const ranged = permittedRange(${OPEN}, filter)`,
      },
    ],
  },
  {
    name: 'histories show every version of what may be seen now',
    cases: '_history',
    edits: [
      {
        file: 'src/store/version-permit.ts',
        from: '(open.has(resourceOf(version)) && (await isSeen(store, permit, version, options)))',
        to: 'open.has(resourceOf(version))',
      },
    ],
  },
  {
    name: 'GraphQL reads without the predicate',
    cases: '$graphql',
    edits: [
      {
        file: 'src/fhir/graphql/reading.ts',
        from: `reader.read(only(permit, 'r'), type, id)`,
        to: `reader.read(${OPEN}, type, id)`,
      },
    ],
  },
  {
    name: 'conditions of writes find what is hidden',
    cases: '?_id=',
    edits: [
      {
        file: 'src/projection/target.ts',
        from: `permitted(only(permit, 's'), filter)`,
        to: `permitted(${OPEN}, filter)`,
      },
    ],
  },
  {
    name: 'exports leave the predicate out',
    cases: '$export',
    edits: [
      {
        file: 'src/store/export-reader.ts',
        from: `if (mayAskAll(permit, 's', type)) return filter`,
        to: `if (permit !== undefined || mayAskAll(permit, 's', type)) return filter`,
      },
    ],
  },
  {
    name: 'a token is taken at the address of another tenant',
    cases: 'program of demo',
    edits: [
      {
        file: 'src/http/authentication.ts',
        from: 'known.audience !== baseOf(tenant ?? known.caller.permit.tenant)',
        to: 'known.audience === ""',
      },
      { file: 'src/fhir/router.ts', from: 'caller.permit.tenant !== request.tenant', to: `request.tenant === ''` },
    ],
  },
  {
    name: 'a write is not held against what is there',
    cases: ' PUT ',
    edits: [
      {
        file: 'src/projection/write-access.ts',
        from: `if (fits(permit, method === 'DELETE' ? 'd' : 'u', stored, stored)) return`,
        to: 'if (stored) return',
      },
    ],
  },
  {
    name: 'a write is not held against what it would leave',
    cases: ' PUT ',
    edits: [
      {
        file: 'src/projection/write-access.ts',
        from: `if (!fits(permit, letter, document, keys)) throw`,
        to: `if (document._id === '' && !fits(permit, letter, document, keys)) throw`,
      },
    ],
  },
  {
    name: 'a write to what is hidden is 403, to what never was 404',
    cases: ' DELETE ',
    edits: [
      {
        file: 'src/projection/write-access.ts',
        from: 'throw fits(permit, SEEING, stored, stored) ? forbidden(method) : notFound(type)',
        to: 'throw forbidden(method)',
      },
    ],
  },
  {
    name: 'what was deleted is 410 for everybody',
    cases: 'GET Observation/',
    edits: [
      {
        file: 'src/store/resource-reader.ts',
        from: 'return found && isOpen ? (storedIn([found])[0] as Stored) : undefined',
        to: 'return found ? (storedIn([found])[0] as Stored) : undefined',
      },
    ],
  },
]
