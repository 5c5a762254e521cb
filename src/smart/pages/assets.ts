/** What the pages load: one style sheet. Its address changes with its content, so browsers keep it for as long as they like. */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Answer } from '../../http/answer.ts'

const style = readFileSync(new URL('./style.css', import.meta.url), 'utf8')

/** An address under /oauth/assets for this content. */
export function assetPath(name: string, extension: string, content: string): string {
  const digest = hash('sha256', content, 'base64url').slice(0, 16)
  return `/oauth/assets/${name}.${digest}.${extension}`
}

export const stylePath = assetPath('style', 'css', style)

export const styleAnswer: Answer = {
  status: 200,
  headers: { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'public, max-age=31536000, immutable' },
  body: style,
}
