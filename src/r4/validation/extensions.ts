/** Every extension in a resource, wherever it stands, by its definition where that is loaded (R4 extensibility.html). */
import { isJsonObject, resourceItem } from './fhirpath/items.ts'
import type { Walk } from './finding.ts'
import type { Check } from './profile/plan.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** Of an extension's url. */
type Definitions = (url: string) => Check | undefined

export function checkExtensions(walk: Walk, object: JsonObject, definitions: Definitions): void {
  const outer = walk.resource
  if (typeof object['resourceType'] === 'string' && outer.value !== object) walk.resource = resourceItem(object)
  for (const name of Object.keys(object)) {
    const value = object[name]
    if (typeof value !== 'object' || value === null) continue
    const isExtension = name === 'extension' || name === 'modifierExtension'
    walk.path.push(name.startsWith('_') ? name.slice(1) : name)
    if (!Array.isArray(value)) below(walk, value, definitions)
    else
      for (let index = 0; index < value.length; index++) {
        const each: unknown = value[index]
        walk.path.push(index)
        if (isExtension) checkExtension(walk, each, definitions)
        below(walk, each, definitions)
        walk.path.pop()
      }
    walk.path.pop()
  }
  walk.resource = outer
}

function below(walk: Walk, value: unknown, definitions: Definitions): void {
  if (isJsonObject(value)) checkExtensions(walk, value, definitions)
}

/** What stands in an extension by a name that is no address is checked with that extension. */
function checkExtension(walk: Walk, value: unknown, definitions: Definitions): void {
  const url = isJsonObject(value) ? value['url'] : undefined
  if (typeof url === 'string' && url.includes(':')) definitions(url)?.(walk, { value, type: 'Extension' })
}
