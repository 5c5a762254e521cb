/** A guide of docs/ as its reader goes through it: the files it has them write, the commands it has them run. */
import { readFileSync } from 'node:fs'

export type Step =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  /** a line of a `sh` block: its output is nobody's business */
  | { readonly kind: 'shell'; readonly line: string }
  /** a `console` block: `$ command` and what it prints */
  | { readonly kind: 'console'; readonly command: string; readonly output: string }

/** A block of code; a file's has the path on the line above it, as `path`: and nothing else. */
const BLOCK = /(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n([\s\S]*?)^```$/gm

export function stepsOf(page: string): Step[] {
  return [...readFileSync(page, 'utf8').matchAll(BLOCK)].flatMap(([, path, language, text = '']): Step[] => {
    if (path !== undefined) return [{ kind: 'file', path, text }]
    if (language === 'sh') return linesOf(text).map((line) => ({ kind: 'shell', line }))
    if (language === 'console') return [consoleStep(text)]
    return []
  })
}

function consoleStep(text: string): Step {
  const [command = '', ...output] = linesOf(text)
  return { kind: 'console', command: command.replace(/^\$ /, ''), output: output.join('\n') }
}

function linesOf(text: string): string[] {
  return text.trimEnd().split('\n')
}
