import { expect, test } from '@jest/globals'
import { differences } from '../../src/projection/difference.ts'

test('names each element that differs, with its digits', () => {
  const before = '{"meta":{"versionId":"1"},"name":[{"family":"Ray"}],"value":1.0,"gone":true}'
  const after = '{"meta":{"versionId":"2"},"name":[{"family":"Rey","given":["Al"]}],"value":1.00}'
  expect(differences(before, after)).toEqual([
    { path: 'name[0].family', before: '"Ray"', after: '"Rey"' },
    { path: 'value', before: '1.0', after: '1.00' },
    { path: 'gone', before: 'true', after: undefined },
    { path: 'name[0].given[0]', before: undefined, after: '"Al"' },
  ])
})
