/** How texts are compared (R4 search.html#string), and how the values of a search are written (search.html#escaping). */

/** What readers take for the same letter and no decomposition says. */
const letters: Readonly<Record<string, string>> = { ß: 'ss', ة: 'ه', ى: 'ي', æ: 'ae', ø: 'o', ł: 'l' }

/** Without case, accents, Arabic vowel signs and forms of letters, punctuation and more than single spaces. */
export function folded(text: string): string {
  return Array.from(text.normalize('NFKD').toLowerCase())
    .filter((letter) => !/[\p{M}\p{Cf}\u0640'’]/u.test(letter))
    .map((letter) => letters[letter] ?? digitOf(letter) ?? letter)
    .map((letter) => (/[\p{P}\s]/u.test(letter) ? ' ' : letter))
    .join('')
    .replaceAll(/ +/g, ' ')
    .trim()
}

function digitOf(letter: string): string | undefined {
  const zero = [0x660, 0x6f0].find((each) => letter.charCodeAt(0) >= each && letter.charCodeAt(0) < each + 10)
  return zero === undefined ? undefined : String(letter.charCodeAt(0) - zero)
}

export function escaped(text: string): string {
  return text.replaceAll(/[\\,|$]/g, '\\$&')
}

/** The text cut at a separator that is not escaped; the pieces keep their escapes. */
export function cut(text: string, separator: string): string[] {
  const pieces: string[] = []
  let piece = ''
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\') piece += character + text.charAt(++at)
    else if (character !== separator) piece += character
    else {
      pieces.push(piece)
      piece = ''
    }
  }
  return [...pieces, piece]
}

export function unescaped(text: string): string {
  return text.replaceAll(/\\([\\,|$])/g, '$1')
}
