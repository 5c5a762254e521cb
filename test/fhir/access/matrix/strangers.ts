/** Cases of who has no token that counts: whatever is asked for, one answer, whether it is there or not. */
import { asNever, is } from './case.ts'
import type { Case } from './case.ts'
import type { Ask } from './client.ts'
import type { Asker } from './people.ts'

/** Each way into the FHIR API once, and what is there beside what is not. */
const ASKS: readonly (readonly [there: Ask, never: Ask])[] = [
  ...['Patient/p1', 'Observation/o2', 'Binary/b1', 'Group/both', 'Observation/ended'].flatMap((name) =>
    ['', '/_history', '/_history/1', '/$meta', '/$lineage'].map((end) => pair(name, end)),
  ),
  ...['Patient/p1/*', 'Patient/p1/Observation', 'Patient/p1/$everything', 'Patient/p1/$summary'].map((path) =>
    same(path, path.replace('p1', 'never-was')),
  ),
  ...[
    'Observation?_id=o1',
    '?_id=o1',
    '_history',
    'Observation/_history',
    'Observation/$lastn?code=x',
    '$export',
    'Patient/$export',
  ].map((path) => same(path, path)),
  ...['$graphql?query={Patient(id:"p1"){id}}', '$bulk-status/never', '$bulk-file/never', '$meta', 'Patient/$meta'].map(
    (path) => same(encodeURI(path), encodeURI(path)),
  ),
  ...['PUT', 'PATCH', 'DELETE'].map(
    (method) =>
      [
        { method, path: 'Observation/o1' },
        { method, path: 'Observation/never-was' },
      ] as const,
  ),
  ...['', 'Observation', '$import', 'Patient/$match'].map(
    (path) =>
      [
        { method: 'POST', path, body: '{}' },
        { method: 'POST', path, body: '{}' },
      ] as const,
  ),
]

function pair(name: string, end: string): readonly [Ask, Ask] {
  return same(`${name}${end}`, `${name.replace(/\/.*/, '/never-was')}${end}`)
}

function same(there: string, never: string): readonly [Ask, Ask] {
  return [{ path: there }, { path: never }]
}

/** `headers`: what they send in place of a good token. */
export function strangerCases(strangers: readonly Pick<Asker, 'name' | 'base' | 'headers'>[]): Case[] {
  return strangers.flatMap((by) =>
    ASKS.map(([ask, never]): Case => ({
      by,
      ask,
      never,
      wants: (reply, other) => is(401)(reply, other) ?? asNever(reply, other),
    })),
  )
}
