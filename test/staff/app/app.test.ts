/** `/app` over HTTP: what the app is told and may do, and FHIR beside it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { SecondOpinionServer } from '../second-opinions.ts'
import { CARDIOLOGY, EXPRESS, OFF_CATEGORY, OFF_TYPE, STANDARD } from '../second-opinions.ts'
import { documents, draft, somebody, startSecondOpinions } from '../second-opinions.ts'

let app: SecondOpinionServer
beforeAll(async () => {
  app = await startSecondOpinions()
})
afterAll(() => app.stop())

const ARABIC = { lang: 'ar' }

describe('what is the same for everybody', () => {
  test('how it works is said in English', async () => {
    const { status, body } = await app.ask('u', '/app/how')
    expect([status, body.status, body.message]).toEqual([200, 1000, 'ok'])
    expect(body.data).toEqual({
      lang: 0,
      title: 'How second opinion works',
      subtitle: 'A few simple steps to get an expert medical review of your case.',
      steps: [
        { seq: 1, title: 'Share your medical documents and details securely.', icon: 'document' },
        { seq: 2, title: 'Our coordinators match you with the right specialists.', icon: 'users' },
        { seq: 3, title: 'Expert doctors review your case and records.', icon: 'stethoscope' },
        { seq: 4, title: 'Receive your second opinion summary and next steps.', icon: 'check_circle' },
      ],
      cta: { submit_now: 'Submit your case now' },
    })
  })

  const languages: [string, number][] = [
    ...['0', '2', '-1', '7.5', 'en', 'EN', 'fr', 'arabic', ''].map((lang): [string, number] => [lang, 0]),
    ...['1', 'ar', 'AR', 'Ar'].map((lang): [string, number] => [lang, 1]),
  ]
  test.each(languages)('the header lang "%s" means %i', async (lang, effective) => {
    const { body } = await app.ask('u', '/app/how', 'not even JSON', { lang })
    expect(body.data['lang']).toBe(effective)
  })

  test('review types: active ones, the newest first, in both languages', async () => {
    const { body } = await app.ask('u', '/app/review-types', {})
    expect(body.data).toEqual({
      lang: 0,
      title: 'Select review type',
      subtitle: 'Get expert medical opinion from our panel',
      items: [
        {
          ...{ rt_id: EXPRESS, title: 'Express', description: 'Soon', duration: '2 days', doctor_count: 1 },
          ...{ price: 1500.5, icon: 'bolt' },
        },
        {
          ...{ rt_id: STANDARD, title: 'Standard Review', description: 'Reviewed by 3 specialists' },
          ...{ duration: '8 - 12 days', doctor_count: 3, price: 900, icon: 'document' },
        },
      ],
    })
    const { body: arabic } = await app.ask('u', '/app/review-types', {}, ARABIC)
    expect(arabic.data).toMatchObject({
      lang: 1,
      items: [
        { title: 'Express', duration: 'يومان' },
        { title: 'مراجعة قياسية', description: 'يراجعها 3 متخصصين', duration: '8 - 12 يومًا' },
      ],
    })
  })

  test('disease categories are found by a part of either name', async () => {
    const items = async (body: object, headers = {}): Promise<unknown> =>
      (await app.ask('u', '/app/disease-categories', body, headers)).body.data['items']
    expect(await items({}, ARABIC)).toContainEqual({ key: CARDIOLOGY, value: 'أمراض القلب' })
    expect(await items({})).toHaveLength(2)
    expect(await items({ q: 'CARDIO' })).toEqual([{ key: CARDIOLOGY, value: 'Cardiology' }])
    expect(await items({ q: 'القلب' })).toEqual([{ key: CARDIOLOGY, value: 'Cardiology' }])
    expect(await items({ q: 'nothing such' })).toEqual([])
  })
})

describe('a case', () => {
  test('is saved, shown, and on FHIR at once; an age of 0 is a value, a user_id sent is ignored', async () => {
    const user = somebody()
    const [first] = documents(1)
    const more = { patient_age: 0, medical_history: 'ألم في الصدر', user_id: 'u2' }
    const said = await app.ask(user, '/app/save-case', {
      ...draft,
      ...more,
      medical_documents: [{ ...first, extra: 1.0 }],
    })
    expect(said.body).toEqual({ status: 1000, message: 'Case saved', data: { case_id: expect.any(String) } })
    const key = said.body.data['case_id'] as string
    const { body } = await app.ask(user, '/app/case-detail', { case_id: key })
    expect(body.data).toEqual({
      ...{ case_id: key, user_id: user, rt_id: STANDARD, dc_id: CARDIOLOGY, patient_age: 0, patient_gender: 'female' },
      ...{ status: 'draft', medical_history: 'ألم في الصدر', medical_documents: [{ ...first, extra: 1 }] },
      ...{ reject_reason: null, case_coordinator_id: null, is_notified: 0, updated_date: null },
      created_date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    })
    expect(await app.read(`ServiceRequest/sop-${key}`)).toMatchObject({
      status: 'draft',
      subject: { reference: `Patient/sop-${user}` },
      note: [{ text: 'ألم في الصدر' }],
      supportingInfo: [{ reference: `DocumentReference/sop-${key}.doc.0` }],
    })
    expect(await app.table('sop.case_status_history').countDocuments({ case_id: key, status: 'draft' })).toBe(1)
  })

  test('is submitted once; after that nothing of it is changed', async () => {
    const user = somebody()
    const key = await app.newCase(user)
    const update = (more: object) => app.ask(user, '/app/update-case', { ...draft, ...more, case_id: key })
    const submitted = await update({ patient_age: 46, status: 'review' })
    expect(submitted.body).toMatchObject({ status: 1000, data: { case_id: key } })
    expect(await app.read(`ServiceRequest/sop-${key}`)).toMatchObject({ status: 'active', meta: { versionId: '2' } })
    const late = await update({ patient_age: 47 })
    expect([late.status, late.body.status]).toEqual([409, 1003])
    const append = await app.ask(user, '/app/add-medical-documents', { case_id: key, med_docs: documents(1) }, ARABIC)
    expect([append.status, append.body.message]).toEqual([409, 'أُرسلت هذه الحالة للمراجعة ولم يعد تعديلها ممكنًا.'])
    const { relevantHistory } = await app.read(`ServiceRequest/sop-${key}`)
    expect(relevantHistory).toHaveLength(2)
  })

  test('keeps its documents when an update says nothing of them, and loses what it does not name', async () => {
    const user = somebody()
    const key = await app.newCase(user, { medical_documents: documents(2) })
    const shown = async (): Promise<unknown> =>
      (await app.ask(user, '/app/case-detail', { case_id: key })).body.data['medical_documents']
    await app.ask(user, '/app/update-case', { ...draft, case_id: key })
    expect(await shown()).toEqual(documents(2))
    await app.ask(user, '/app/update-case', { ...draft, case_id: key, medical_documents: documents(1, 'other') })
    expect(await shown()).toEqual(documents(1, 'other'))
    expect((await app.get(`DocumentReference/sop-${key}.doc.1`)).status).toBe(410)
  })

  test('changed over FHIR is so in the app', async () => {
    const user = somebody()
    const key = await app.newCase(user)
    const patch = [{ op: 'add', path: '/note', value: [{ text: 'over FHIR' }] }]
    const { status } = await app.send('PATCH', `ServiceRequest/sop-${key}`, patch)
    expect(status).toBe(200)
    const { body } = await app.ask(user, '/app/case-detail', { case_id: key })
    expect(body.data['medical_history']).toBe('over FHIR')
  })

  test('of somebody else and one that never was are the same, byte for byte', async () => {
    const key = await app.newCase(somebody(), { status: 'review' })
    const other = somebody()
    for (const [path, body] of [
      ['case-detail', {}],
      ['update-case', draft],
      ['add-medical-documents', { med_docs: documents(1) }],
    ] as const) {
      const theirs = await app.ask(other, `/app/${path}`, { ...body, case_id: key })
      const none = await app.ask(other, `/app/${path}`, { ...body, case_id: '00000000-0000-4000-8000-000000000000' })
      expect([theirs.status, theirs.body.status]).toEqual([404, 1002])
      expect(theirs.text).toBe(none.text)
    }
  })

  test.each([
    ['rt_id', { rt_id: OFF_TYPE }],
    ['rt_id', { rt_id: 'none' }],
    ['rt_id', { rt_id: '' }],
    ['dc_id', { dc_id: OFF_CATEGORY }],
    ['patient_age', { patient_age: 151 }],
    ['patient_age', { patient_age: -1 }],
    ['patient_age', { patient_age: 1.5 }],
    ['patient_age', { patient_age: '45' }],
    ['patient_gender', { patient_gender: 'other' }],
    ['status', { status: 'rejected' }],
    ['medical_history', { medical_history: 5 }],
    ['medical_documents', { medical_documents: documents(51) }],
    ['medical_documents[0]', { medical_documents: ['text'] }],
  ])('is refused for its %s, which is named: %j', async (field, more) => {
    const { status, body } = await app.ask('u', '/app/save-case', { ...draft, ...more })
    expect([status, body.status, body.message]).toEqual([400, 1002, expect.stringContaining(field)])
    const arabic = await app.ask('u', '/app/save-case', { ...draft, ...more }, ARABIC)
    expect(arabic.body.message).toMatch(/[\u0600-\u06ff]/)
  })
})

describe('documents', () => {
  test('need url, name and key', async () => {
    const user = somebody()
    const key = await app.newCase(user)
    for (const name of ['url', 'name', 'key']) {
      const med_docs = documents(2).with(1, { ...documents(1)[0], [name]: ' ' })
      const { status, body } = await app.ask(user, '/app/add-medical-documents', { case_id: key, med_docs })
      expect([status, body.message]).toEqual([400, expect.stringContaining(`med_docs[1].${name}`)])
    }
    const none = await app.ask(user, '/app/add-medical-documents', { case_id: key, med_docs: [] })
    expect(none.status).toBe(400)
  })

  test('are 50 at most: the 51st is refused, and none of those sent with it is kept', async () => {
    const user = somebody()
    const key = await app.newCase(user, { medical_documents: documents(49) })
    const add = (count: number) =>
      app.ask(user, '/app/add-medical-documents', { case_id: key, med_docs: documents(count, 'more') })
    const tooMany = await add(2)
    expect([tooMany.status, tooMany.body.message]).toEqual([400, expect.stringContaining('50')])
    expect((await add(1)).body).toEqual({ status: 1000, message: 'Medical documents updated', data: {} })
    expect((await add(1)).status).toBe(400)
    expect((await app.get(`DocumentReference/sop-${key}.doc.49`)).status).toBe(200)
  })

  test('64 appended at once: 50 are there, none is lost, the others are told', async () => {
    const user = somebody()
    const key = await app.newCase(user)
    const token = await app.token(user)
    const answers = await Promise.all(
      documents(64).map((each) =>
        app.post('/app/add-medical-documents', { Authorization: token }, { case_id: key, med_docs: [each] }),
      ),
    )
    const done = answers.filter(({ status }) => status === 200).length
    expect([done, answers.filter(({ status }) => status === 400).length]).toEqual([50, 14])
    const { body } = await app.ask(user, '/app/case-detail', { case_id: key })
    const kept = body.data['medical_documents'] as { key: string }[]
    const told = documents(64).filter((_, index) => answers[index]?.status === 200)
    expect(kept.map(({ key: each }) => each).sort()).toEqual(told.map((each) => (each as { key: string }).key).sort())
  }, 60_000)
})

describe('my cases', () => {
  test('are the own ones only, the newest first, in pages', async () => {
    const user = somebody()
    const other = await app.newCase(somebody())
    const rows = Array.from({ length: 17 }, (_, index) => ({
      ...{ ...draft, case_id: `${user}-${index}`, user_id: user, is_notified: 0, medical_documents: '[]' },
      created_date: `2025-12-${String(index + 1).padStart(2, '0')} 07:00:00`,
    }))
    await app.load({ 'sop.review_cases': rows })
    const ask = (body?: object) => app.ask(user, '/app/my-cases', body)
    const keys = ({ body }: { body: { data: unknown } }): string[] =>
      (body.data as { case_id: string }[]).map(({ case_id }) => case_id)
    const all = rows.map(({ case_id }) => case_id).reverse()
    const first = await ask()
    expect(keys(first)).toEqual(all.slice(0, 15))
    expect(first.body.pagination).toEqual({ total: 17, page: 1, page_size: 15 })
    expect(keys(await ask({ page: 2 }))).toEqual(all.slice(15))
    const clamped = await ask({ page_size: 1000 })
    expect([keys(clamped), clamped.body.pagination]).toEqual([all, { total: 17, page: 1, page_size: 100 }])
    expect(keys(await ask({ page: 99 }))).toEqual([])
    expect((await ask({ page: 0 })).status).toBe(400)
    expect(all).not.toContain(other)
  })
})
