import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { SubscriptionServer } from '../../support/subscription-server.ts'
import { BASE, FILTER, startSubscriptionServer, subscriptionTo, topics } from '../../support/subscription-server.ts'

const HOOK = 'http://127.0.0.1:9/hook'
const DEFINITION = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

let hub: SubscriptionServer

beforeAll(async () => {
  hub = await startSubscriptionServer({ limits: { subscriptions: 20 } })
})

afterAll(() => hub.stop())

const usual = subscriptionTo('report-changed', HOOK) as { channel: object }
const channel = (change: object): object => ({ ...usual, channel: { ...usual.channel, ...change } })
const filtered = (valueString: string): object => subscriptionTo('report-changed', HOOK, { filters: [valueString] })
const extended = (name: string, value: object): object =>
  channel({ extension: [{ url: `${DEFINITION}/${name}`, ...value }] })

test.each([
  ['an unknown topic', { ...usual, criteria: `${BASE}/SubscriptionTopic/nothing` }, 'criteria'],
  ['an unknown type', { ...usual, criteria: 'Nothing?a=b' }, 'criteria'],
  ['an unknown parameter', { ...usual, criteria: 'Observation?nothing=b' }, 'criteria'],
  ['a chain', { ...usual, criteria: 'Observation?subject:Patient.name=b' }, 'criteria'],
  ['_has', { ...usual, criteria: 'Patient?_has:Observation:patient:code=b' }, 'criteria'],
  ['a value set', { ...usual, criteria: 'Observation?code:in=http://a' }, 'criteria'],
  ['how an answer looks', { ...usual, criteria: 'Observation?_count=1' }, 'criteria'],
  ['Subscriptions', { ...usual, criteria: 'Subscription?status=active' }, 'criteria'],
  ['a filter the topic has not', filtered('conclusion=a'), 'criteria.extension[0]'],
  ['a filter of another type', filtered('Patient?name=a'), 'criteria.extension[0]'],
  ['a modifier the topic has not', filtered('patient:missing=true'), 'criteria.extension[0]'],
  ['a channel nobody sends by', channel({ type: 'email', endpoint: 'mailto:a@b.example' }), 'channel.type'],
  ['no address', channel({ endpoint: undefined }), 'channel.endpoint'],
  ['an address inside', channel({ endpoint: 'https://10.0.0.1/hook' }), 'channel.endpoint'],
  ['an address without TLS', channel({ endpoint: 'http://receiver.example.com/hook' }), 'channel.endpoint'],
  ['a password in it', channel({ endpoint: 'https://a:b@receiver.example.com/' }), 'channel.endpoint'],
  ['another scheme', channel({ endpoint: 'file:///etc/passwd' }), 'channel.endpoint'],
  ['XML', channel({ payload: 'application/fhir+xml' }), 'channel.payload'],
  ['how much is not said', channel({ _payload: undefined }), 'channel.payload'],
  ['a header that splits', channel({ header: ['A: b\r\nHost: c'] }), 'channel.header[0]'],
  ['a header of our own', channel({ header: ['A: b', 'Host: c'] }), 'channel.header[1]'],
  ['a hidden value', channel({ header: ['Authorization: (kept sealed)'] }), 'channel.header[0]'],
  ['too long a timeout', extended('backport-timeout', { valueUnsignedInt: 3_600 }), 'channel.extension'],
  ['too many at once', extended('backport-max-count', { valuePositiveInt: 100_000 }), 'channel.extension'],
])('%s is refused with its element', async (_what, body, path) => {
  const { status, json } = await hub.server.send('POST', 'Subscription', body)
  expect([status, json.issue?.[0]?.expression]).toEqual([422, [`Subscription.${path}`]])
})

test('in a transaction too, and then nothing of it is written', async () => {
  const entry = [
    { resource: { resourceType: 'Basic', code: { text: 'a' } }, request: { method: 'POST', url: 'Basic' } },
    { resource: { ...usual, criteria: 'Nothing?a=b' }, request: { method: 'POST', url: 'Subscription' } },
  ]
  const answer = await hub.server.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
  expect(answer.status).toBe(422)
  expect(await hub.server.ids('Basic')).toEqual([])
})

test('what is read can be sent back: secrets stay, and nothing changes', async () => {
  const made = await hub.server.send('POST', 'Subscription', channel({ header: ['Authorization: Bearer a', 'X: b'] }))
  const { id } = made.json as unknown as { id: string }
  const again = await hub.server.send('PUT', `Subscription/${id}`, made.json)
  expect(again.status).toBe(200)
  expect(again.headers.get('etag')).toBe('W/"1"')
  const sealed = async (): Promise<readonly string[]> => {
    return (await hub.server.store.subscriptions.findOne({ _id: `default/Subscription/${id}` }))?.headers ?? []
  }
  const [before] = [await sealed()]
  const { channel: shown } = made.json as unknown as { channel: object }
  const other = { ...made.json, channel: { ...shown, header: ['X: (kept sealed)', 'Authorization: Bearer c'] } }
  expect((await hub.server.send('PUT', `Subscription/${id}`, other)).status).toBe(200)
  const after = await sealed()
  expect(after[0]).toBe(before[1])
  expect(after[1]).not.toBe(before[0])
})

test('the topics are listed and can be read', async () => {
  const { json } = await hub.server.get('metadata')
  const { rest } = json as unknown as { rest: { resource: { type: string; extension?: unknown[] }[] }[] }
  const { extension } = rest[0]?.resource.find(({ type }) => type === 'Subscription') ?? {}
  expect(extension).toEqual(
    topics.map(({ url }) => ({
      url: `${DEFINITION}/capabilitystatement-subscriptiontopic-canonical`,
      valueCanonical: url,
    })),
  )
  expect(topics.map(({ id }) => id)).toEqual([
    'appointment-changed',
    'case-changed',
    'report-changed',
    'result-changed',
    'task-changed',
  ])
})

test.each(topics.map((topic) => [topic.id, topic] as const))('every filter of %s is taken', async (id, topic) => {
  const filters = topic.canFilterBy.map(
    ({ resource, filterParameter }) => `${resource}?${filterParameter}=${sampleOf(filterParameter)}`,
  )
  const body = subscriptionTo(id, HOOK, { filters })
  const { status, json } = await hub.server.send('POST', 'Subscription', body)
  expect(status).toBe(201)
  const { _criteria } = json as unknown as { _criteria: { extension: { url: string }[] } }
  expect(_criteria.extension.map(({ url }) => url)).toEqual(filters.map(() => FILTER))
})

function sampleOf(parameter: string): string {
  return parameter === 'date' ? '2026' : parameter === '_id' ? 'a' : 'b'
}

test('there are no more than the limit', async () => {
  for (let made = 0; made < 20; made++) {
    const { status, json } = await hub.server.send('POST', 'Subscription', usual)
    if (status === 201) continue
    expect([status, json.issue?.[0]?.code]).toEqual([422, 'too-costly'])
    return
  }
  throw new Error('every one was taken')
})
