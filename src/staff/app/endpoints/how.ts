/** `/app/how`: how a second opinion works, in words that are always the same. */
import type { Endpoint } from '../endpoint.ts'
import type { Words } from '../words.ts'

const TITLE: Words = ['How second opinion works', 'كيف تعمل خدمة الرأي الطبي الثاني']
const SUBTITLE: Words = [
  'A few simple steps to get an expert medical review of your case.',
  'خطوات بسيطة للحصول على مراجعة طبية متخصصة لحالتك.',
]
const STEPS: readonly { readonly title: Words; readonly icon: string }[] = [
  {
    title: ['Share your medical documents and details securely.', 'شارِك مستنداتك الطبية وتفاصيل حالتك بأمان.'],
    icon: 'document',
  },
  {
    title: [
      'Our coordinators match you with the right specialists.',
      'يختار لك منسّقونا الأطباء المتخصصين المناسبين لحالتك.',
    ],
    icon: 'users',
  },
  {
    title: ['Expert doctors review your case and records.', 'يراجع أطباء خبراء حالتك وسجلاتك الطبية.'],
    icon: 'stethoscope',
  },
  {
    title: ['Receive your second opinion summary and next steps.', 'تتسلّم ملخص الرأي الطبي الثاني والخطوات التالية.'],
    icon: 'check_circle',
  },
]
const SUBMIT: Words = ['Submit your case now', 'أرسِل حالتك الآن']

export const how: Endpoint = {
  ignoresBody: true,
  handle: ({ language: lang }) => ({
    data: {
      lang,
      title: TITLE[lang],
      subtitle: SUBTITLE[lang],
      steps: STEPS.map(({ title, icon }, index) => ({ seq: index + 1, title: title[lang], icon })),
      cta: { submit_now: SUBMIT[lang] },
    },
  }),
}
