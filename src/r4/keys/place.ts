/** Where a Location is, for `near` (R4 location.html#positional): its latitude in the index, both beside it. */
import type { JsonObject } from '../element-paths.ts'
import { numberOf } from '../json.ts'
import type { SearchKeys } from './shape.ts'

export function addPlace({ position }: JsonObject, keys: SearchKeys): void {
  const { latitude, longitude } = (position ?? {}) as JsonObject
  const [lat, lon] = [numberOf(latitude), numberOf(longitude)]
  if (lat === undefined || lon === undefined || Math.abs(lat) > 90 || Math.abs(lon) > 180) return
  keys.n.push({ p: 'near', l: lat, h: lat, g: [lon, lat] })
}
