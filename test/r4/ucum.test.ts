import { expect, test } from '@jest/globals'
import { canonicalUnit, inBaseUnits } from '../../src/r4/ucum.ts'

function inBase(value: number, code: string): string {
  const unit = canonicalUnit(code)
  return unit ? `${inBaseUnits(value, unit)} ${unit.unit}` : 'none'
}

test.each([
  [5.4, 'g/L', '5400 g.m-3'],
  [540, 'mg/dL', '5400 g.m-3'],
  [37, 'Cel', '310.15 K'],
  [98.6, '[degF]', '310.15 K'],
  [72, '/min', '1.2 s-1'],
  [50, '%', '0.5 1'],
  [7, '10*9/L', '7000000000000 m-3'],
  [7, '10*3/uL', '7000000000000 m-3'],
  [1, '[mi_i]', '1609.344 m'],
  [-Infinity, 'g', '-Infinity g'],
])('%d %s is %s', (value, code, base) => {
  expect(inBase(value, code)).toBe(base)
})

test.each(['', 'nope', '[iU]/L', '[pH]', 'mg'.repeat(100)])('%j has no base units to compare in', (code) => {
  expect(inBase(1, code)).toBe('none')
})

test('units that are sent on purpose do not stay', () => {
  for (let i = 0; i < 2500; i++) canonicalUnit(`nope${i}`)
  expect(inBase(540, 'mg/dL')).toBe('5400 g.m-3')
})
