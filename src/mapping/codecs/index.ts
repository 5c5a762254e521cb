/** All value codecs by name. The engine makes `reference`, `parts` and `canonical` itself: they need the other mappings. */
import type { CodecDefinition } from '../codec.ts'
import { agreed } from './agreed.ts'
import { amount } from './amount.ts'
import { answers, answersTo } from './answers.ts'
import { appointmentAnswer, participantAnswer } from './appointment-answer.ts'
import { assumedEnd } from './assumed-end.ts'
import { bilingual, markdownBilingual } from './bilingual.ts'
import { binaryLink } from './binary-link.ts'
import { bloodPressure } from './blood-pressure.ts'
import { boolean, notBoolean } from './boolean.ts'
import { code } from './code.ts'
import { coding } from './coding.ts'
import { concept } from './concept.ts'
import { conceptText } from './concept-text.ts'
import { concepts } from './concepts.ts'
import { contactPerson } from './contact-person.ts'
import { date } from './date.ts'
import { dateAndTime } from './date-and-time.ts'
import { dayOrMoment } from './day-or-moment.ts'
import { dayPeriod } from './day-period.ts'
import { decimal } from './decimal.ts'
import { difference } from './difference.ts'
import { dosage } from './dosage.ts'
import { doseOfSeries } from './dose-of-series.ts'
import { durationDays } from './duration-days.ts'
import { endOrAssumedCodec } from './end-or-assumed.ts'
import { firstFilled } from './first-filled.ts'
import { flags } from './flags.ts'
import { identifierOnly } from './identifier-only.ts'
import { formUrl, formUsed } from './form-url.ts'
import { ingredient } from './ingredient.ts'
import { inlineText } from './inline-text.ts'
import { instant, wallTime } from './instant.ts'
import { integer, positiveInteger } from './integer.ts'
import { invoiceLines } from './invoice-lines.ts'
import { jsonText } from './json-text.ts'
import { labText, labValue } from './lab-value.ts'
import { language } from './language.ts'
import { lines } from './lines.ts'
import { listOf } from './list-of.ts'
import { measurement } from './measurement.ts'
import { assumedLength, endOf, minutesBetweenCodec, plusMinutes } from './minutes.ts'
import { money } from './money.ts'
import { narrative } from './narrative.ts'
import { notes } from './notes.ts'
import { ownOrShared } from './own-or-shared.ts'
import { percent } from './percent.ts'
import { periodEndCodec } from './period-end.ts'
import { periods, span } from './periods.ts'
import { qualifications } from './qualifications.ts'
import { quantity } from './quantity.ts'
import { questions } from './questions.ts'
import { records } from './records.ts'
import { referenceRange } from './reference-range.ts'
import { rowCode } from './row-code.ts'
import { slotsText } from './slots-text.ts'
import { sourceWord } from './source-word.ts'
import { strength } from './strength.ts'
import { text } from './text.ts'
import { textInJson } from './text-in-json.ts'
import { upperText } from './upper-text.ts'
import { uri } from './uri.ts'
import { weekdayHours } from './weekday-hours.ts'

const all: readonly CodecDefinition[] = [
  agreed,
  amount,
  answers,
  answersTo,
  appointmentAnswer,
  assumedEnd,
  assumedLength,
  bilingual,
  binaryLink,
  bloodPressure,
  boolean,
  code,
  coding,
  concept,
  concepts,
  conceptText,
  contactPerson,
  date,
  dateAndTime,
  dayOrMoment,
  dayPeriod,
  decimal,
  difference,
  dosage,
  doseOfSeries,
  durationDays,
  endOf,
  endOrAssumedCodec,
  firstFilled,
  flags,
  identifierOnly,
  formUrl,
  formUsed,
  ingredient,
  inlineText,
  instant,
  integer,
  invoiceLines,
  jsonText,
  labText,
  labValue,
  language,
  lines,
  listOf,
  markdownBilingual,
  measurement,
  minutesBetweenCodec,
  money,
  narrative,
  notBoolean,
  notes,
  ownOrShared,
  participantAnswer,
  percent,
  periodEndCodec,
  periods,
  plusMinutes,
  positiveInteger,
  qualifications,
  quantity,
  questions,
  records,
  referenceRange,
  rowCode,
  slotsText,
  sourceWord,
  span,
  strength,
  text,
  textInJson,
  upperText,
  uri,
  wallTime,
  weekdayHours,
]

export const codecs: ReadonlyMap<string, CodecDefinition> = new Map(all.map((codec) => [codec.name, codec]))
