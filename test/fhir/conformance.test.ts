import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { headers, interactions, kinds, modifiers, special } from './conformance-evidence.ts'
import { conformancePage, searchKinds } from './conformance-page.ts'

const PAGE = 'docs/conformance.md'

test('docs/conformance.md is what the registry and the tests say', () => {
  const page = conformancePage()
  if (process.env['WRITE_DOCS'] !== undefined) writeFileSync(PAGE, page)
  expect(readFileSync(PAGE, 'utf8')).toBe(page)
})

test('every test that it names is there', () => {
  const shown = [interactions, special, headers, kinds].flatMap((each) => Object.values(each))
  const missing = [...shown, ...modifiers].filter(([file, name]) => {
    const path = `test/${file}.test.ts`
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(name)
  })
  expect(missing).toEqual([])
})

test('the file that shows a special parameter or a modifier names it', () => {
  const unnamed = Object.entries(special).flatMap(([what, [file]]) => {
    const text = readFileSync(`test/${file}.test.ts`, 'utf8')
    return [...what.matchAll(/`(_\w+)`/g)].flatMap(([, name = '']) =>
      text.includes(name) ? [] : [`${name} in ${file}`],
    )
  })
  const shown = modifiers.map(([file]) => readFileSync(`test/${file}.test.ts`, 'utf8')).join()
  const names = searchKinds().flatMap((kind) => kind.modifiers.filter((name) => name !== ':[type]'))
  expect([...unnamed, ...names.filter((name) => !shown.includes(name))]).toEqual([])
})

test('every type of parameter has a test', () => {
  expect(searchKinds().filter(({ type }) => kinds[type] === undefined)).toEqual([])
})
