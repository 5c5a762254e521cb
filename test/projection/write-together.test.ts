/**
 * Writes read at one moment and are written later, many in one transaction: what comes in between must cost nobody
 * anything. Each test lets something happen after the moment was fixed and before anything was written.
 */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { SourceServer } from '../support/source-server.ts'
import { loadPatient, patch, startWard } from './ward.ts'

let ward: SourceServer
beforeAll(async () => {
  ward = await startWard()
})
afterAll(() => ward.stop())

type Command = SourceServer['store']['db']['command']
let original: Command | undefined

/** Once, after the next wave of clients has fixed its moment: the projection has moments of its own, and may be at one. */
function meanwhile(happens: () => Promise<unknown>): void {
  const { db, meta } = ward.store
  const command = db.command.bind(db)
  original = command
  db.command = async (...args: Parameters<Command>) => {
    const answer = await command(...args)
    if (args[0]['find'] !== meta.collectionName) return answer
    db.command = command
    await happens()
    return answer
  }
}

afterEach(() => {
  if (original) ward.store.db.command = original
})

async function versionsOf(reference: string): Promise<number[]> {
  const _id = { $gte: `default/${reference}/`, $lt: `default/${reference}/~` }
  return (await ward.store.versions.find({ _id }).sort({ _id: 1 }).toArray()).map(({ v }) => v)
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)

const phone = (value: string) => patch('/telecom/0/value', value)

test('a program that writes the row in between loses nothing, nor does the client', async () => {
  const { reference, accounts } = await loadPatient(ward)
  const row = ward.table('ward.accounts')
  meanwhile(() => row.updateOne({ id: accounts.id }, { $set: { family: 'Roe', shoe: 40 } }))
  expect((await ward.send('PATCH', reference, phone('+1 2'))).status).toBe(200)
  expect(await row.findOne({ id: accounts.id })).toMatchObject({ phone: '+1 2', family: 'Roe', shoe: 40 })
  await ward.settle()
  const { name, telecom } = await ward.read(reference)
  expect([name, telecom]).toMatchObject([[{ family: 'Roe' }], [{ value: '+1 2' }, {}]])
  const versions = await versionsOf(reference)
  expect(versions).toEqual(upTo(versions.length))
})

test('a row that another program deletes in between is not made again', async () => {
  const { reference, id } = await loadPatient(ward)
  meanwhile(() => ward.table('ward.patients').deleteOne({ id }))
  expect([409, 410]).toContain((await ward.send('PATCH', reference, phone('+1 3'))).status)
  expect(await ward.table('ward.patients').countDocuments({ id })).toBe(0)
  await ward.settle()
  expect((await ward.get(reference)).status).toBe(410)
})

test('a row that is joined, changed and projected in between shows as it is then', async () => {
  const { reference, accounts, id } = await loadPatient(ward)
  meanwhile(async () => {
    await ward.table('ward.accounts').updateOne({ id: accounts.id }, { $set: { given: 'Bea' } })
    await ward.settle()
  })
  const written = await ward.send('PATCH', reference, patch('/address/0/city', 'Berkeley'))
  expect([written.status, written.json]).toMatchObject([200, { name: [{ given: ['Bea'] }] }])
  expect((await ward.table('ward.patients').findOne({ id }))?.['address']).toContain('Berkeley')
  const versions = await versionsOf(reference)
  expect(versions).toEqual(upTo(versions.length))
})

test('a write of another gateway in between is not written over', async () => {
  const { reference, accounts } = await loadPatient(ward)
  meanwhile(async () => {
    expect((await ward.send('PATCH', reference, patch('/name/0/family', 'Roe'))).status).toBe(200)
  })
  expect((await ward.send('PATCH', reference, phone('+1 4'))).status).toBe(200)
  expect(await ward.table('ward.accounts').findOne({ id: accounts.id })).toMatchObject({ family: 'Roe', phone: '+1 4' })
  expect(await versionsOf(reference)).toEqual([1, 2, 3])
})

test('who says which version was read is told that another came in between', async () => {
  const { reference, accounts } = await loadPatient(ward)
  meanwhile(() => ward.send('PATCH', reference, patch('/name/0/family', 'Roe')))
  const late = await ward.send('PATCH', reference, phone('+1 5'), { 'If-Match': 'W/"1"' })
  expect(late.status).toBe(412)
  expect(await ward.table('ward.accounts').findOne({ id: accounts.id })).toMatchObject({ phone: '+1 415 555 0110' })
})

test('what may be there once only is made once, also when another makes it in between', async () => {
  const basic = { resourceType: 'Basic', code: { text: 'x' }, identifier: [{ system: 'urn:x', value: '1' }] }
  const once = { 'If-None-Exist': 'identifier=urn:x|1' }
  meanwhile(() => ward.send('POST', 'Basic', basic, once))
  expect((await ward.send('POST', 'Basic', basic, once)).status).toBe(200)
  const { email } = (await loadPatient(ward)).accounts
  const person = {
    resourceType: 'Patient',
    name: [{ use: 'official', family: 'Lee' }],
    telecom: [{ system: 'email', value: 'once@example.org' }],
  }
  meanwhile(() => ward.send('POST', 'Patient', person))
  expect((await ward.send('POST', 'Patient', person)).status).toBe(409)
  expect(await ward.table('ward.accounts').countDocuments({ email: 'once@example.org' })).toBe(1)
  expect(await ward.table('ward.accounts').countDocuments({ email: email as string })).toBe(1)
})

test('clients that write one resource at the same time are all served, one after the other', async () => {
  const { reference, accounts } = await loadPatient(ward)
  const paths = ['/telecom/0/value', '/name/0/family', '/name/0/given/0', '/address/0/city']
  const answers = await Promise.all(paths.map((path) => ward.send('PATCH', reference, patch(path, 'new'))))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(await ward.table('ward.accounts').findOne({ id: accounts.id })).toMatchObject({ phone: 'new', family: 'new' })
  expect(await versionsOf(reference)).toEqual([1, 2, 3, 4, 5])
})

const handedOn = async () => (await ward.store.outbox.find().toArray()).flatMap(({ changes }) => changes).length

test('one that is refused takes no other along, and the versions of each that holds are in the outbox', async () => {
  const people = [await loadPatient(ward), await loadPatient(ward), await loadPatient(ward)]
  const before = await handedOn()
  const answers = await Promise.all(
    people.map(({ reference }, index) =>
      ward.send('PATCH', reference, index === 1 ? patch('/birthDate', 'never') : phone(`+1 ${index}`)),
    ),
  )
  const statuses = answers.map(({ status }) => status)
  expect([statuses[0], statuses[2]]).toEqual([200, 200])
  expect([400, 422]).toContain(statuses[1])
  expect(await handedOn()).toBe(before + 2)
})

test('the row is known as it was left: its own change is no news', async () => {
  const { reference, accounts } = await loadPatient(ward)
  await ward.send('PATCH', reference, [...phone('+1 7'), ...patch('/address/0/city', 'Reno')])
  const rows = await ward.store.rows.find({ collection: { $in: ['accounts', 'patients'] } }).toArray()
  await ward.settle()
  const later = await ward.store.rows.find({ collection: { $in: ['accounts', 'patients'] } }).toArray()
  expect(later).toEqual(rows)
  expect(await versionsOf(reference)).toEqual([1, 2])
  expect(await ward.table('ward.accounts').findOne({ id: accounts.id })).toMatchObject({ phone: '+1 7' })
})
