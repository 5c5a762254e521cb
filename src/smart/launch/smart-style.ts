/** How an app may look to fit in (SMART App Launch 2.2 §smart_style_url): the colours of our own pages. */
import type { Answer } from '../../http/answer.ts'
import { assetPath } from '../pages/assets.ts'

const style = JSON.stringify({
  color_background: '#f2f6f9',
  color_error: '#a3161b',
  color_highlight: '#0b5c8a',
  color_modal_backdrop: '#12263a',
  color_success: '#14603a',
  color_text: '#12263a',
  dim_border_radius: '8px',
  dim_font_size: '16px',
  dim_spacing_size: '20px',
  font_family_body: "system-ui, 'Noto Sans', sans-serif",
  font_family_heading: "system-ui, 'Noto Sans', sans-serif",
})

export const stylePath = assetPath('smart-style', 'json', style)

export const styleAnswer: Answer = {
  status: 200,
  headers: {
    'Content-Type': 'application/json',
    'Cache-Control': 'public, max-age=31536000, immutable',
    'Access-Control-Allow-Origin': '*',
  },
  body: style,
}
