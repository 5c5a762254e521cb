/**
 * One line of a consent: a kind of record with what the app may do with it, kept or taken away, whole or in part.
 *
 * The style sheet hides the parts while the line is whole or taken away; where a browser cannot, they stand there and
 * count for nothing.
 */
import type { SmartScope } from '../../access/scope.ts'
import type { Choices, ConsentLine } from '../consent/consent.ts'
import type { Markup } from './markup.ts'
import { markup } from './markup.ts'
import type { Language } from './texts/texts.ts'
import { textsOf } from './texts/texts.ts'
import { actionWords, kindName, partWords, recordName } from './words.ts'

export function consentLine(language: Language, line: ConsentLine, choices: Choices): Markup {
  const { key, type, letters } = line
  return markup`<li class="line">
    ${choice('checkbox', 'line', key, choices.lines.has(key), markup`<span class="name">${recordName(language, type)}</span> <span class="soft">${actionWords(language, letters)}</span>`)}
    ${line.parts.length > 0 && markup`<ul class="parts">${line.parts.map((part) => partChoice(language, part, choices))}</ul>`}
    ${line.kinds.length > 0 && kindChoices(language, line, choices)}
  </li>`
}

function kindChoices(language: Language, { key, type, kinds }: ConsentLine, choices: Choices): Markup {
  const texts = textsOf(language).consent
  const chosen = choices.kinds.get(key)
  const nameOf = type === '*' ? recordName : kindName
  return markup`<fieldset class="kinds">
    <legend class="unseen">${texts.kindsOf(recordName(language, type))}</legend>
    <div class="whole">
      ${choice('radio', `how:${key}`, 'all', chosen === undefined, texts.all)}
      ${choice('radio', `how:${key}`, 'some', chosen !== undefined, texts.some)}
    </div>
    <ul class="some">${kinds.map((kind) => markup`<li>${choice('checkbox', `kind:${key}`, kind, chosen?.has(kind) ?? false, nameOf(language, kind))}</li>`)}</ul>
  </fieldset>`
}

function partChoice(language: Language, part: SmartScope, { parts }: Choices): Markup {
  const text = markup`${textsOf(language).consent.only(partWords(language, part))} <span class="soft">${actionWords(language, part.letters)}</span>`
  return markup`<li>${choice('checkbox', 'part', part.text, parts.has(part.text), text)}</li>`
}

function choice(
  type: 'checkbox' | 'radio',
  name: string,
  value: string,
  checked: boolean,
  text: Markup | string,
): Markup {
  return markup`<label class="choice"><input type="${type}" name="${name}" value="${value}" ${checked && markup`checked`} /><span>${text}</span></label>`
}
