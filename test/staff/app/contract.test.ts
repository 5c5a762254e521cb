/** openapi.yaml names the endpoints of the app and its admin side, and no others. */
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { adminEndpoints } from '../../../src/staff/admin/endpoints.ts'
import { appEndpoints } from '../../../src/staff/app/endpoints.ts'

const { paths } = parse(readFileSync('openapi.yaml', 'utf8')) as { readonly paths: Readonly<Record<string, object>> }

test.each([
  ['/app/', appEndpoints],
  ['/admin/', adminEndpoints],
])('all of %s, each a POST', (root, endpoints) => {
  const named = Object.entries(paths).filter(([path]) => path.startsWith(root))
  expect(named.map(([path]) => path.slice(root.length)).sort()).toEqual(Object.keys(endpoints).sort())
  for (const [, methods] of named) expect(Object.keys(methods)).toEqual(['post'])
})
