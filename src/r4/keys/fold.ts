/**
 * Text as a string search compares it (R4 search.html#string): no case, accents or punctuation, single spaces; letters
 * that people write in several ways are one, Arabic ones too, and all digits are those of ASCII.
 */

/** Of a text of the index, in UTF-16 units; what is longer is found by its beginning. */
export const MAXIMUM_LENGTH = 200

const plain = /^[\x20-\x7e]*$/
/** Accents and Arabic vowel signs; hamza and madda, which NFKD takes from their carriers; tatweel; what is not seen. */
const unwritten = /[\p{M}\p{Cf}\u0640]/gu
/** `O'Brien` is `OBrien`; all other punctuation stands for a space. */
const apostrophes = /['`\u2018\u2019\u02bc\u02bb\u00b4]/g
const separators = /[\p{P}\s]+/gu
const plainSeparators = /[!-#%-*,-/:;?@[-\]_{}\s]+/g

/** What NFKD leaves as it is and readers take for the same. */
const sames: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
  ŋ: 'n',
  ŧ: 't',
  ς: 'σ',
  // alef wasla, taa marbuta, alef maqsura; Persian and Urdu forms of kaf, yaa and haa
  ٱ: 'ا',
  ة: 'ه',
  ى: 'ي',
  ی: 'ي',
  ے: 'ي',
  ک: 'ك',
  ہ: 'ه',
  ھ: 'ه',
  ە: 'ه',
  ۃ: 'ه',
}
const same = new RegExp(`[${Object.keys(sames).join('')}\\u0660-\\u0669\\u06f0-\\u06f9]`, 'g')

export function fold(text: string): string {
  return limit(foldWhole(text)).trimEnd()
}

/** However long. */
export function foldWhole(text: string): string {
  const folded = plain.test(text)
    ? text.toLowerCase().replace(apostrophes, '').replace(plainSeparators, ' ')
    : foldAny(text)
  return folded.trim()
}

function foldAny(text: string): string {
  const letters = text.normalize('NFKD').toLowerCase().replace(apostrophes, '').replace(unwritten, '')
  return letters.replace(same, sameLetter).replace(separators, ' ')
}

function sameLetter(letter: string): string {
  // The low four bits of an Arabic-Indic digit are its value
  return sames[letter] ?? String(letter.charCodeAt(0) & 0xf)
}

export function limit(text: string): string {
  return text.length > MAXIMUM_LENGTH ? text.slice(0, MAXIMUM_LENGTH).toWellFormed() : text
}
