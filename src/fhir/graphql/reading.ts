/** One resource by its id; those of one turn are read together. */
import { only } from '../../access/allowed.ts'
import { allowed } from '../access.ts'
import { notFound } from '../interactions/read.ts'
import type { Json, QueryContext } from './resource.ts'
import { resourceOf } from './resource.ts'

/** Throws as a read does where no scope is for it, where it is not there, or not any more. */
export async function readResource(context: QueryContext, type: string, id: string): Promise<Json> {
  const resource = await findResource(allowed(context, { letter: 'r', types: [type], id }), type, id)
  if (!resource) throw notFound(type)
  return resource
}

export async function findResource(
  { request, budget, reader, permit }: QueryContext,
  type: string,
  id: string,
): Promise<Json | undefined> {
  budget.spend(1)
  const stored = await reader.read(only(permit, 'r'), type, id)
  if (!stored || stored.deleted) return undefined
  request.trail?.saw([stored])
  return resourceOf(stored)
}
