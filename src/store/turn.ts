/** What is looked up in one turn of the event loop goes out as one query (facts: the round trip is what a lookup costs). */

/** `findAll`: what is not found is not in the map. */
export function perTurn<Value>(
  findAll: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): (key: string) => Promise<Value | undefined> {
  let batch: { readonly keys: Set<string>; readonly found: Promise<ReadonlyMap<string, Value>> } | undefined
  return async (key) => {
    if (!batch) {
      const keys = new Set<string>()
      const found = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        batch = undefined
        return findAll([...keys])
      })
      batch = { keys, found }
    }
    batch.keys.add(key)
    return (await batch.found).get(key)
  }
}
