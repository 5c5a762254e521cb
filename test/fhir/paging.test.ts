/** Pages show one moment, whatever is written while a client turns them. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readToken, writeToken } from '../../src/fhir/page-token.ts'
import { type Bundle, type FhirServer, idsOf, startFhirServer } from '../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  for (let index = 0; index < 40; index++) await put(index)
  await server.put({ resourceType: 'Patient', id: 'p1', active: true })
})
afterAll(() => server.stop())

const idOf = (index: number): string => `o${String(index).padStart(3, '0')}`

function put(index: number, turn = 0): Promise<string> {
  return server.put({
    resourceType: 'Observation',
    id: idOf(index),
    status: (index + turn) % 2 === 0 ? 'final' : 'amended',
    effectiveDateTime: `2025-01-${10 + ((index + turn) % 15)}`,
    subject: { reference: `Patient/p${1 + ((index + turn) % 3)}` },
    ...(index % 4 !== 0 && { valueQuantity: { value: (index * 7 + turn) % 11 } }),
    code: { coding: [{ code: `c${turn}` }] },
  })
}

/** Writes whatever comes next to what is there, until it is told to stop; gives how often it wrote. */
function churn(): () => Promise<number> {
  let stopped = false
  const writer = (async () => {
    let writes = 0
    for (; !stopped; writes++) {
      const index = (writes * 7) % 60
      if (writes % 5 < 4) await put(index, writes)
      else await server.put({ resourceType: 'Observation', id: idOf(index) }, { deleted: true })
    }
    return writes
  })()
  return () => {
    stopped = true
    return writer
  }
}

function linkOf({ link = [] }: Bundle, relation: string): string | undefined {
  return link.find((each) => each.relation === relation)?.url
}

function markIn(url: string): ReturnType<typeof readToken> {
  const [text, token = ''] = url.replace(/^.*\/fhir\/R4\/?/, '').split('&_page=')
  return readToken(server.pageKey, `anonymous default/${text}`, token)
}

/** `o001/3` of every match. */
function versionsOf(pages: readonly Bundle[]): string[] {
  const resources = pages.flatMap(({ entry = [] }) => entry.map(({ resource }) => resource))
  return resources.map((each) => `${each?.id}/${(each?.['meta'] as { versionId: string }).versionId}`)
}

/** What one query at the moment of the page finds. */
async function wholeOf(page: Bundle, search: string): Promise<Bundle> {
  const { moment, now } = markIn(linkOf(page, 'next') as string)
  const self = linkOf((await server.get(search.replace(/_count=\d+/, '_count=500'))).json, 'self') as string
  const text = self.replace(/^.*\/fhir\/R4\/?/, '')
  const token = writeToken(server.pageKey, `anonymous default/${text}`, { moment, now })
  return (await server.get(`${self}&_page=${token}`)).json
}

test.each([
  'Observation?_count=7',
  'Observation?_sort=_id&_count=7',
  'Observation?_sort=-_id&_count=7',
  'Observation?_sort=date&_count=6',
  'Observation?_sort=-date&_count=6',
  'Observation?_sort=status,-date&_count=5',
  'Observation?_sort=value-quantity&_count=4',
  'Observation?_sort=-value-quantity,code&_count=4',
  'Observation?_sort=subject,-_lastUpdated&_count=9',
  'Observation?_sort=_lastUpdated&_count=7',
  'Observation?_sort=-_lastUpdated&_count=7',
  'Observation?status=final&_sort=-date&_count=3',
  'Observation?patient.active=true&_sort=value-quantity,_id&_count=2',
  'Patient/p1/Observation?_sort=-date&_count=2',
  '/fhir/R4?_type=Observation,Encounter&_sort=-_lastUpdated&_count=7',
])('%s gives exactly what was there at first, while all of it changes', async (search) => {
  const stop = churn()
  try {
    const pages = await server.pages(search)
    expect(pages.length).toBeGreaterThan(2)
    const seen = versionsOf(pages)
    expect(seen).toEqual(versionsOf([await wholeOf(pages[0] as Bundle, search)]))
    expect(new Set(seen.map((each) => each.split('/')[0])).size).toBe(seen.length)
    expect(pages.map(({ total }) => total)).toEqual(pages.map(() => seen.length))
  } finally {
    expect(await stop()).toBeGreaterThan(0)
  }
})

test('about is about the moment of the first page, on every page and however long one takes to turn them', async () => {
  for (const year of [2010, 2011, 2025]) {
    await server.put({
      resourceType: 'Encounter',
      id: `of${year}`,
      period: { start: `${year}-01-01`, end: `${year}-01-02` },
    })
  }
  const search = 'Encounter?date=ap2010-01-01&_count=1'
  const first = (await server.get(search)).json
  const next = linkOf(first, 'next') as string
  const { moment } = markIn(next)
  const text = next.replace(/^.*\/fhir\/R4\//, '').replace(/&_page=.*/, '')
  const at = async (now: number): Promise<string[]> => {
    const token = writeToken(server.pageKey, `anonymous default/${text}`, { moment, now })
    return (await server.pages(`${text}&_page=${token}`)).flatMap(idsOf)
  }
  // A tenth of three days, and of two hundred years
  expect(await at(Date.UTC(2010, 0, 4))).toEqual(['of2010'])
  expect(await at(Date.UTC(2210, 0, 1))).toEqual(['of2010', 'of2011', 'of2025'])
})

test('includes are of the same moment', async () => {
  const first = (await server.get('Observation?_count=3&_include=Observation:subject&subject=Patient/p1')).json
  await server.put({ resourceType: 'Patient', id: 'p1', active: false })
  const next = (await server.get(linkOf(first, 'next') as string)).json
  const [patient] = (next.entry ?? []).filter(({ search }) => search?.mode === 'include')
  expect(patient?.resource).toMatchObject({ id: 'p1', active: true })
})

test('pages can be turned back, and to the first of them', async () => {
  const stop = churn()
  const search = 'Observation?_sort=value-quantity,-date&_count=4'
  const pages = await server.pages(search)
  let page = pages.at(-1) as Bundle
  const back: Bundle[] = [page]
  for (let url = linkOf(page, 'previous'); url !== undefined; url = linkOf(page, 'previous')) {
    page = (await server.get(url)).json
    back.unshift(page)
  }
  expect(back.map((each) => versionsOf([each]))).toEqual(pages.map((each) => versionsOf([each])))
  const first = (await server.get(linkOf(pages.at(-1) as Bundle, 'first') as string)).json
  expect(versionsOf([first])).toEqual(versionsOf(pages.slice(0, 1)))
  const second = (await server.get(linkOf(first, 'next') as string)).json
  expect(versionsOf([second])).toEqual(versionsOf(pages.slice(1, 2)))
  const self = linkOf(second, 'self') as string
  expect(versionsOf([(await server.get(self)).json])).toEqual(versionsOf([second]))
  expect([linkOf(pages[0] as Bundle, 'first'), linkOf(pages[0] as Bundle, 'last')]).toEqual([undefined, undefined])
  await stop()
})

const LONG_AGO = `${Math.floor(Date.now() / 1000) - 100_000}.1`

test('pages of a moment that MongoDB has forgotten are gone, and the answer says where to start again', async () => {
  const text = 'Observation?status=final&_sort=date&_count=3'
  const position = { values: [{ $date: '2025-01-12T00:00:00.000Z' }, 'default/Observation/o001'] }
  const token = writeToken(server.pageKey, `anonymous default/${text}`, {
    moment: LONG_AGO,
    now: 0,
    total: 9,
    position,
  })
  const { status, json, headers } = await server.get(`${text}&_page=${token}`)
  const start = `${server.origin}/fhir/R4/${text}`
  expect([status, headers.get('link')]).toEqual([410, `<${start}>; rel="first"`])
  expect(json.issue).toMatchObject([{ code: 'processing', diagnostics: expect.stringContaining(start) }])
  expect((await server.get(start)).status).toBe(200)
})

test.each(['_history?_count=9', 'Observation/_history?_count=9'])(
  '%s gives exactly what was there at first',
  async (path) => {
    const stop = churn()
    const first = (await server.get(path)).json
    const total = first.total as number
    // A commit that took its time: its version is older than what was read already
    const late = { at: '2025-06-01T00:00:00.000Z' }
    await server.put({ resourceType: 'Observation', id: `late${total}` }, late)
    const pages = [first, ...(await server.pages(linkOf(first, 'next') as string))]
    await stop()
    const seen = pages.flatMap(({ entry = [] }) => entry.map(({ fullUrl, response }) => `${fullUrl} ${response?.etag}`))
    expect([new Set(seen).size, seen.length]).toEqual([total, total])
    expect(pages.map((each) => each.total)).toEqual(pages.map(() => total))
  },
)

test('the pages of a history go on when their moment has passed: versions are only added', async () => {
  const path = 'Observation/_history?_count=50'
  const next = linkOf((await server.get(path)).json, 'next') as string
  const old = writeToken(server.pageKey, `anonymous default/${path}`, { ...markIn(next), moment: LONG_AGO })
  const expected = await server.pages(next)
  const pages = await server.pages(`${path}&_page=${old}`)
  expect(pages.length).toBeGreaterThan(2)
  expect(pages.map(({ entry }) => entry)).toEqual(expected.map(({ entry }) => entry))
})
