/** A search parameter that a release has and the one before did not. */
import type { SearchParameter } from '../../src/r4/search-parameters.ts'

export const reindexed: SearchParameter = {
  code: 'shoe-size',
  url: 'https://interop.example.org/SearchParameter/shoe-size',
  type: 'number',
  base: ['Patient'],
  expression: "(Patient.extension('https://interop.example.org/StructureDefinition/shoe-size').value as integer)",
  own: true,
}
