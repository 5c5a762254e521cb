/** What a clinic may say in its own words, and which sentence tells it what to change. */
import { expect, test } from '@jest/globals'
import type { OwnText } from '../../src/channels/own-texts.ts'
import { textMistake } from '../../src/channels/own-texts.ts'
import { ownTemplates } from '../../src/channels/template.ts'

const both = (words: NonNullable<OwnText['en']>): OwnText => ({ en: words, ar: words })
const reminder = (text: OwnText) => textMistake({ 'appointment-reminder': text })

test('facts that the gateway itself names may be named, in the same form', () => {
  const lines = ['You come on {start:date} at {start:time}.', 'To {practitioner}, {place}: {clinic}.']
  expect(
    reminder(both({ subject: 'See you soon', lines, action: 'Join', short: ['{start:date} {link}'] })),
  ).toBeUndefined()
})

test('words of the gateway itself fit', () => {
  for (const [kind, { en, ar }] of ownTemplates) {
    const own = [en, ar].map(({ subject, short }) => ({
      subject,
      short: short.filter((each) => typeof each === 'string'),
    }))
    const [english = {}, arabic = {}] = own
    expect(textMistake({ [kind]: { en: english, ar: arabic } })).toBeUndefined()
  }
})

test.each<readonly [string, OwnText, string, string]>([
  [
    'a fact that is not known',
    both({ lines: ['At {start:time}', 'For {diagnosis}'] }),
    'en.lines[1]',
    'knows no {diagnosis}; it knows {start:date}, {start:time}, ',
  ],
  ['a form that a fact has not', both({ short: ['At {start}'] }), 'en.short[0]', 'knows no {start}; it knows'],
  ['a brace that names nothing', both({ short: ['At {start:time'] }), 'en.short[0]', 'knows no {; it knows'],
  [
    'a fact in a subject',
    both({ subject: 'With {practitioner}' }),
    'en.subject',
    'The subject is shown where anybody may look: it must not name {practitioner}.',
  ],
  ['a fact on a button', both({ action: 'To {place}' }), 'en.action', 'The action is shown where anybody may look'],
  [
    'words in one language',
    { en: { subject: 'Soon' } },
    'ar.subject',
    'The subject of appointment-reminder is said in one language only: say it in Arabic too.',
  ],
  [
    'a line in the other',
    { en: { subject: 'Soon' }, ar: { subject: 'قريبًا', short: ['قريبًا'] } },
    'en.short',
    'say it in English too.',
  ],
])('%s is refused', (_what, text, at, sentence) => {
  const mistake = reminder(text)
  expect(mistake?.at).toBe(`appointment-reminder.${at}`)
  expect(mistake?.sentence).toContain(sentence)
})

test('a kind that is not there is refused', () => {
  expect(textMistake({ greeting: both({ subject: 'Hello' }) })).toMatchObject({
    ...{
      at: 'greeting',
      sentence: expect.stringMatching(/^There are no messages greeting; there are appointment-/) as unknown,
    },
  })
})
