import { expect, test } from '@jest/globals'
import { asOf } from '../../src/cli/demo-times.ts'

const NOW = new Date('2026-02-28T22:30:15.678Z')

test.each([
  ['{now-30h}', 'sql', '2026-02-27 16:30:15'],
  ['{now-30h}', 'iso', '2026-02-27T16:30:15Z'],
  ['{now+15m}', 'iso', '2026-02-28T22:45:15Z'],
  ['{now-2d}', 'sql', '2026-02-26 22:30:15'],
  ['{day+1} 00:00:00', 'sql', '2026-03-01 00:00:00'],
  ['[{"at":"{day+0}","by":"{nobody}"}]', 'iso', '[{"at":"2026-02-28","by":"{nobody}"}]'],
])('%s in %s is %s', (text, timestamps, said) => {
  expect(asOf(text, NOW, timestamps)).toBe(said)
})
