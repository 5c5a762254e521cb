/** How alike two names are: Jaro–Winkler of words, and words paired whatever their order. From 0 to 1. */

/** W. E. Winkler, String Comparator Metrics (1990): a common beginning of up to four letters counts more. */
export function wordSimilarity(one: string, other: string): number {
  const jaro = jaroOf(Array.from(one), Array.from(other))
  let prefix = 0
  while (prefix < 4 && one[prefix] !== undefined && one[prefix] === other[prefix]) prefix++
  return jaro + prefix * 0.1 * (1 - jaro)
}

/** The words of the shorter name, each with the one most like it; what the longer has beyond takes a little away. */
export function nameSimilarity(one: readonly string[], other: readonly string[]): number {
  const [few, many] = one.length <= other.length ? [one, other] : [other, one]
  if (few.length === 0) return 0
  const left = [...many]
  const sum = few.reduce((total, word) => {
    const likeness = left.map((each) => wordSimilarity(word, each))
    const best = Math.max(...likeness)
    left.splice(likeness.indexOf(best), 1)
    return total + best
  }, 0)
  return (sum / few.length) * (1 - 0.05 * Math.min(left.length, 3))
}

function jaroOf(one: readonly string[], other: readonly string[]): number {
  if (one.length === 0 || other.length === 0) return 0
  const reach = Math.max(0, Math.floor(Math.max(one.length, other.length) / 2) - 1)
  const taken = new Set<number>()
  const common = one.filter((letter, at) => {
    const place = other.findIndex((each, i) => each === letter && Math.abs(i - at) <= reach && !taken.has(i))
    if (place >= 0) taken.add(place)
    return place >= 0
  })
  if (common.length === 0) return 0
  const counterpart = [...taken].sort((a, b) => a - b).map((at) => other[at])
  const swapped = common.filter((letter, at) => letter !== counterpart[at]).length / 2
  const matches = common.length
  return (matches / one.length + matches / other.length + (matches - swapped) / matches) / 3
}
