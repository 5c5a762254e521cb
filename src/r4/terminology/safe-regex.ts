/**
 * Regular expressions of value sets (R4 valueset.html#filter), which anybody may send: only those that cannot take long.
 * What is repeated holds no repetition and no choice, there are few repetitions, and the texts are short.
 */

const LOOKS_AROUND = /\(\?(?!:)/
const MOST_UNBOUNDED = 3
const MOST_REPEATED = 10
const LONGEST_PATTERN = 200
const LONGEST_TEXT = 200
/** An escape, a class of characters, a quantifier, the start or end of a group, a choice, any other character. */
const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|[*+?]|\{\d+(?:,\d*)?\}|\((?:\?:)?|\)|\||[^]/gy

interface Group {
  hasChoice: boolean
  hasRepetition: boolean
}

/** Undefined of what is no expression, or none of these. The whole text must match. */
export function safeRegex(pattern: string): ((text: string) => boolean) | undefined {
  if (pattern.length > LONGEST_PATTERN || LOOKS_AROUND.test(pattern) || !isSafe(pattern)) return undefined
  try {
    const expression = new RegExp(`^(?:${pattern})$`, 'u')
    return (text) => text.length <= LONGEST_TEXT && expression.test(text)
  } catch {
    return undefined
  }
}

function isSafe(pattern: string): boolean {
  const tokens = pattern.match(TOKEN) ?? []
  const repetitions = tokens.filter(isQuantifier)
  const unbounded = repetitions.filter((token) => token !== '?' && /[*+,]/.test(token))
  const isSmall = repetitions.length <= MOST_REPEATED && unbounded.length <= MOST_UNBOUNDED
  return isSmall && !tokens.some(isReference) && isNestedSafely(tokens)
}

function isNestedSafely(tokens: readonly string[]): boolean {
  const groups: Group[] = [{ hasChoice: false, hasRepetition: false }]
  let closed: Group | undefined
  for (const token of tokens) {
    const group = groups.at(-1)
    if (!group) return false
    if (isQuantifier(token)) {
      if (closed && token !== '?' && (closed.hasChoice || closed.hasRepetition)) return false
      group.hasRepetition = true
    }
    if (token.startsWith('(')) groups.push({ hasChoice: false, hasRepetition: false })
    if (token === '|') group.hasChoice = true
    closed = token === ')' ? inner(groups) : undefined
  }
  return groups.length === 1
}

/** What its end closes; what is in it is in the group around it too. */
function inner(groups: Group[]): Group | undefined {
  const group = groups.pop()
  const around = groups.at(-1)
  if (around && group?.hasChoice) around.hasChoice = true
  if (around && group?.hasRepetition) around.hasRepetition = true
  return group
}

function isQuantifier(token: string): boolean {
  return /^(?:[*+?]|\{\d.*\})$/.test(token)
}

/** References to groups. */
function isReference(token: string): boolean {
  return /^\\[1-9k]$/.test(token)
}
