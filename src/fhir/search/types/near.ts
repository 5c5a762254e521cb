/**
 * `Location?near=latitude|longitude|distance|units` (R4 location.html#positional): a band of latitudes of the index, and of
 * it what is within the distance on a sphere.
 */
import { GatewayError } from '../../../kernel/errors.ts'
import { canonicalUnit } from '../../../r4/ucum.ts'
import { element } from '../lookup.ts'
import type { Filter, SearchType } from '../lookup.ts'
import { splitBars } from '../query-text.ts'

export const near: SearchType = { find: ({ value }) => nearFilter(value), modifiers: {} }

/** Kilometres, when no distance is given. */
const DEFAULT_DISTANCE = '10'
/** Mean radius of the Earth. */
const RADIUS = 6_371_008.8

function nearFilter(value: string): Filter {
  const [latitude = '', longitude = '', distance = '', unit = '', ...more] = splitBars(value)
  const [lat, lon] = [degrees(latitude, 90), degrees(longitude, 180)]
  const metres = metresOf(distance === '' ? DEFAULT_DISTANCE : distance, distance === '' || unit === '' ? 'km' : unit)
  if (lat === undefined || lon === undefined || metres === undefined || more.length > 0) {
    throw new GatewayError(
      'GW_BAD_REQUEST',
      '"near" takes latitude|longitude|distance|units, degrees and a UCUM unit of length as km, m or [mi_i] (mi).',
    )
  }
  const radians = metres / RADIUS
  // A little more than the sphere needs, for the arithmetic
  const band = (radians * 180) / Math.PI + 1e-6
  const g = { $geoWithin: { $centerSphere: [[lon, lat], radians] } }
  return element('n', { p: 'near', l: { $gte: lat - band, $lte: lat + band }, g })
}

const decimal = /^[+-]?\d{1,9}(\.\d{1,20})?$/

function degrees(text: string, most: number): number | undefined {
  const number = decimal.test(text) ? Number(text) : NaN
  return Math.abs(number) <= most ? number : undefined
}

/** Further than half around the Earth is everywhere. */
function metresOf(text: string, unit: string): number | undefined {
  const length = canonicalUnit(unit === 'mi' ? '[mi_i]' : unit)
  if (length?.unit !== 'm' || !decimal.test(text) || text.startsWith('-')) return undefined
  return Math.min(Number(text) * length.factor, Math.PI * RADIUS)
}
