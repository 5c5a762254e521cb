/** The links to files of a source that stand behind the `Binary/…` of a resource (entities G12). */
import type { Permit } from '../access/permit.ts'
import { MappingProblem } from '../mapping/errors.ts'
import type { Scope } from './batch.ts'
import { onCurrent } from './current-view.ts'
import { viewOf } from './write-scope.ts'

export interface SourceLink {
  /** as the row holds it: never shown to anybody */
  readonly link: string
  /** of which instance of a source it is */
  readonly instance: string
  /** what the resource says that the file is */
  readonly contentType?: string
}

type Json = Readonly<Record<string, unknown>>

/** Undefined where no element of the resource `reference` names that Binary for a file. */
export async function sourceLink(
  tools: Omit<Scope, 'session'>,
  permit: Permit,
  reference: string,
  binary: string,
): Promise<SourceLink | undefined> {
  return onCurrent(tools, permit, reference, async (scope, stored) => {
    const view = stored.origin && (await viewOf(scope, stored))
    if (!view) return undefined
    const { part, context, row } = view
    try {
      const shown = part.lens.get(part, context)
      const held = part.lens.get(part, { ...context, storedLinks: true })
      const found = shown && held && behind(shown, held, `Binary/${binary}`)
      return found && { ...found, instance: row.ref.instance }
    } catch (error) {
      if (error instanceof MappingProblem) return undefined
      throw error
    }
  })
}

/** What stands in `held` where `shown` says `wanted`: apart from links both are alike. */
function behind(shown: object, held: object, wanted: string): Omit<SourceLink, 'instance'> | undefined {
  for (const [name, value] of Object.entries(shown)) {
    const other: unknown = (held as Json)[name]
    if (value === wanted && typeof other === 'string') {
      const { contentType } = shown as Json
      return { link: other, ...(typeof contentType === 'string' && { contentType }) }
    }
    if (typeof value !== 'object' || value === null || typeof other !== 'object' || other === null) continue
    const found = behind(value as object, other, wanted)
    if (found) return found
  }
  return undefined
}
