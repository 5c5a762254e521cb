/**
 * Objects of one varying member, by the names of their members: V8 makes one whose names are written out in a third of
 * the time that a member by a name of the mapping takes to add. They are in every resource.
 */

type Literal = (value: unknown) => object

const LITERALS: Readonly<Record<string, (fixed: unknown) => Literal>> = {
  source: () => (source) => ({ source }),
  text: () => (text) => ({ text }),
  start: () => (start) => ({ start }),
  coding: () => (coding) => ({ coding }),
  'system value': (system) => (value) => ({ system, value }),
  'system code': (system) => (code) => ({ system, code }),
  'url extension': (url) => (extension) => ({ url, extension }),
  'url valueBoolean': (url) => (valueBoolean) => ({ url, valueBoolean }),
  'url valueCode': (url) => (valueCode) => ({ url, valueCode }),
  'url valueDateTime': (url) => (valueDateTime) => ({ url, valueDateTime }),
  'url valueInteger': (url) => (valueInteger) => ({ url, valueInteger }),
  'url valueReference': (url) => (valueReference) => ({ url, valueReference }),
  'url valueString': (url) => (valueString) => ({ url, valueString }),
}

/** What makes an object of at most one fixed member and this one; undefined where its names are not written out here. */
export function literalOf(fixed: readonly (readonly [string, unknown])[], name: string): Literal | undefined {
  const names = [...fixed.map(([first]) => first), name].join(' ')
  return LITERALS[names]?.(fixed[0]?.[1])
}
