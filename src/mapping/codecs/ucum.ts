/**
 * Is a text a UCUM unit? Units a clinic writes in laboratory and vital sign columns, by the grammar of
 * https://ucum.org/ucum §2: atoms with prefixes, exponents, `.` and `/`, parentheses, `{annotations}`.
 *
 * Atoms of physics that a clinic writes for something else are left out on purpose: a "C" there is a Celsius degree and
 * no coulomb, a "pH" no picohenry, "K/uL" thousands and no kelvin, "G/L" giga and no gauss. Such texts stay text.
 */
export const UCUM = 'http://unitsofmeasure.org'

const METRIC = words(`m g s mol L l eq osm kat U cal J W N Pa Hz V A Sv Gy Bq Cel bar cd rad sr lm lx Ohm Wb
  u eV B Np bit By [iU] [IU] m[H2O] m[Hg] g%`)
const NON_METRIC = words(`% [ppth] [ppm] [ppb] [pptr] min h d wk mo mo_j mo_g a a_j a_g deg ' '' [pH] [degF] [degR]
  [in_i] [ft_i] [yd_i] [mi_i] [lb_av] [oz_av] [gr] [stone_av] [fl_oz_us] [cup_us] [tbs_us] [tsp_us] [gal_us] [pt_us]
  [qt_us] [cup_m] [tbs_m] [tsp_m] [drp] [psi] [HPF] [LPF] [CFU] [PFU] [FFU] [TCID_50] [CCID_50] [EID_50] [Lf] [PNU]
  [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U] [beth'U] [anti'Xa'U] [todd'U] [dye'U] [smgy'U] [bdsk'U] [ka'U] [knk'U]
  [mclg'U] [tb'U] [hnsf'U] [AU] [BAU] [D'ag'U] [Amb'a'1'U] [ELU] [EU] [MET] [Cal] [diop] [PRU] [wood'U] [S] [pi]`)
const PREFIXES = words('Y Z E P T G M k h da d c m u n p f a z y')

const SYMBOL = /^(?:[A-Za-z%'_]|\[[A-Za-z0-9_']+\])+/
const TEN = /^10[*^][+-]?\d+|^10[*^]/
const EXPONENT = /^[+-]?\d+/
const ANNOTATION = /^\{[\x21-\x7a|\x7e]*\}/
const FACTOR = /^[1-9]\d*/
const LONGEST = 80
/** A source writes the same few units in all its rows. */
const seen = new Map<string, boolean>()
const MOST_SEEN = 1000

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/))
}

function isAtom(symbol: string): boolean {
  if (METRIC.has(symbol) || NON_METRIC.has(symbol)) return true
  return [1, 2].some((length) => PREFIXES.has(symbol.slice(0, length)) && METRIC.has(symbol.slice(length)))
}

export function isUcum(text: string): boolean {
  const judged = seen.get(text)
  if (judged !== undefined) return judged
  if (text === '' || text.length > LONGEST) return false
  const valid = skipTerm(text.startsWith('/') ? text.slice(1) : text) === ''
  if (seen.size < MOST_SEEN) seen.set(text, valid)
  return valid
}

/** Each `skip…` gives what follows the piece it is named after; undefined when the text does not start with one. */
function skipTerm(text: string): string | undefined {
  let rest = skipComponent(text)
  while (rest !== undefined && (rest.startsWith('.') || rest.startsWith('/'))) rest = skipComponent(rest.slice(1))
  return rest
}

function skipComponent(text: string): string | undefined {
  if (text.startsWith('(')) {
    const rest = skipTerm(text.slice(1))
    return rest?.startsWith(')') ? rest.slice(1) : undefined
  }
  if (text.startsWith('{')) return skipAnnotation(text, true)
  const rest = skipUnit(text)
  return rest === undefined ? undefined : skipAnnotation(rest, false)
}

function skipAnnotation(text: string, required: boolean): string | undefined {
  const found = ANNOTATION.exec(text)?.[0].length
  if (found !== undefined) return text.slice(found)
  return required || text.startsWith('{') ? undefined : text
}

function skipUnit(text: string): string | undefined {
  const plain = TEN.exec(text)?.[0] ?? FACTOR.exec(text)?.[0]
  if (plain !== undefined) return text.slice(plain.length)
  const symbol = SYMBOL.exec(text)?.[0]
  if (symbol === undefined || !isAtom(symbol)) return undefined
  const rest = text.slice(symbol.length)
  return rest.slice(EXPONENT.exec(rest)?.[0].length ?? 0)
}
