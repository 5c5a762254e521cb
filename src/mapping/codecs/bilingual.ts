/**
 * `bilingual` and `markdown-bilingual`: `[en, ar]` ↔ a string with the standard translation extension (entities §3.5).
 *
 * Without the English text the element has the extension alone. Its content is a string, for markdown too
 * (https://hl7.org/fhir/R4/extension-translation.html).
 */
import { ExtendedPrimitive } from '../codec.ts'
import type { Codec, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { covers } from './covers.ts'
import { readText, storeText } from './text.ts'

const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation'

interface Extension {
  readonly url: string
  readonly extension: readonly { readonly url: string; readonly valueCode?: string; readonly valueString?: string }[]
}

function translation(language: string, content: unknown): Extension {
  return {
    url: TRANSLATION,
    extension: [
      { url: 'lang', valueCode: language },
      { url: 'content', valueString: content as string },
    ],
  }
}

/** The text of the only extension, which is the translation into this language. */
function translated(fhir: unknown, language: string): string | undefined {
  if (!(fhir instanceof ExtendedPrimitive)) return undefined
  const [first, ...others] = fhir.extension as readonly Extension[]
  if (first === undefined) return undefined
  const content = first.extension?.find(({ url }) => url === 'content')?.valueString
  const expected = translation(language, content)
  if (others.length > 0 || content === undefined || !covers(first, expected) || !covers(expected, first)) {
    throw new NotStorableError(
      `The source holds one translation of this text, into "${language}", and no other extension.`,
    )
  }
  return content
}

function bilingualCodec(language: string): Codec {
  return {
    read(stored) {
      const [first, second] = stored as readonly unknown[]
      const main = readText(first)
      const other = readText(second)
      return other === undefined ? main : new ExtendedPrimitive(main, [translation(language, other)])
    },
    write(fhir, before) {
      const [mainBefore, otherBefore] = (before ?? []) as readonly unknown[]
      const main = fhir instanceof ExtendedPrimitive ? fhir.value : fhir
      return [storeText(main, mainBefore), storeText(translated(fhir, language), otherBefore)]
    },
  }
}

function definition(name: string, types: readonly string[]): CodecDefinition {
  return {
    name,
    types,
    fields: 2,
    options: { language: { type: 'string', minLength: 2 } },
    make: ({ language = 'ar' }) => bilingualCodec(String(language)),
  }
}

export const bilingual = definition('bilingual', ['string', 'code'])
export const markdownBilingual = definition('markdown-bilingual', ['markdown'])
