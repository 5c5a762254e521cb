/**
 * Which versions were current at a moment or after it: those whose next one came later, or never. Versions of a resource
 * count up by one, so the next is found by its id; read in the order of an index, it costs a page and a lookup each.
 */
import { VERSION_DIGITS } from './version-id.ts'

/** Stages that follow a `$match` (and `$sort`) of versions. */
export function currentSince(moment: Date): object[] {
  const number = { $toString: { $add: ['$v', 1] } }
  const zeros = '0'.repeat(VERSION_DIGITS)
  const padded = { $substrBytes: [{ $concat: [zeros, number] }, { $strLenBytes: number }, VERSION_DIGITS] }
  const start = { $substrBytes: ['$_id', 0, { $subtract: [{ $strLenBytes: '$_id' }, VERSION_DIGITS] }] }
  const before = [{ $match: { u: { $lte: moment } } }, { $project: { _id: 1 } }]
  return [
    { $set: { next: { $concat: [start, padded] } } },
    { $lookup: { from: 'versions', localField: 'next', foreignField: '_id', pipeline: before, as: 'next' } },
    { $match: { next: [] } },
    { $unset: 'next' },
  ]
}
