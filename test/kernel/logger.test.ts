import { expect, test } from '@jest/globals'
import { createLogger } from '../../src/kernel/logger.ts'

function logged(write: (log: ReturnType<typeof createLogger>) => void): {
  text: string
  line: Record<string, unknown>
} {
  let text = ''
  write(createLogger('info', { write: (chunk: string) => void (text += chunk) }))
  return { text, line: JSON.parse(text) as Record<string, unknown> }
}

test('a line holds level, time, message and the fields that are listed', () => {
  const { line } = logged((log) => log.info({ instance: 'hms', rows: 3 }, 'collection is projected'))
  expect(line).toMatchObject({ level: 'info', instance: 'hms', rows: 3, msg: 'collection is projected' })
  expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT/)
})

test('a row that is given to the log does not get into it', () => {
  const { text } = logged((log) => log.warn({ row: { lastName: 'Moreau' }, url: '/Patient?family=Moreau' }, 'odd'))
  expect(text).not.toContain('Moreau')
})

test('of an error neither its message nor its cause is logged, since they quote values', () => {
  const cause = new Error('born 1970-01-01')
  const error = Object.assign(new Error('E11000 dup key: { email: "a@moreau.example" }\nMoreau', { cause }), {
    code: 11000,
  })
  const { text, line } = logged((log) => log.error({ err: error }, 'write failed'))
  expect(text).not.toMatch(/moreau|1970/i)
  expect(line['err']).toMatchObject({ name: 'Error', code: 11000 })
  expect(text).toContain('logger.test.ts')
})

test('an error that is logged by itself is described in the same way', () => {
  const { text } = logged((log) => log.error(new Error('Moreau')))
  expect(text).not.toContain('Moreau')
})
