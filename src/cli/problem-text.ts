/** A problem as programs and people read it. No value of the row is in it: its key says where to look. */
import type { ProblemDocument } from '../store/documents.ts'

export function problemJson(problem: ProblemDocument): Omit<ProblemDocument, '_id'> {
  const { instance, collection, key, mapping, rule, reason, since } = problem
  return { instance, collection, key, mapping, rule, reason, since }
}

export function problemLine({ instance, collection, key, mapping, rule, reason }: ProblemDocument): string {
  return `${instance}.${collection} ${key}: ${[mapping, rule].filter(Boolean).join(' ')}: ${reason}`
}
