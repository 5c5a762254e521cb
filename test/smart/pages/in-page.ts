/** What is asked of a page inside of the browser: text, since there it runs in another world than this one's types. */

export interface Seen {
  readonly scrolls: boolean
  readonly direction: string
  readonly headings: number
  /** names of fields without a label */
  readonly unlabelled: readonly string[]
  /** ids that are referred to and are not there */
  readonly undescribed: readonly string[]
  /** targets that are too small to hit (WCAG 2.2, 2.5.8) */
  readonly small: readonly string[]
}

export const seen = `(() => {
  const all = (what) => [...document.querySelectorAll(what)]
  const fields = all('input:not([type=hidden])')
  const described = all('[aria-describedby]').flatMap((each) => each.getAttribute('aria-describedby').split(' '))
  const height = (each) => (each.closest('label') ?? each).getBoundingClientRect().height
  return {
    scrolls: document.documentElement.scrollWidth > window.innerWidth,
    direction: getComputedStyle(document.body).direction,
    headings: all('h1').length,
    unlabelled: fields.filter(({ labels }) => labels.length === 0).map((each) => each.name),
    undescribed: described.filter((id) => !document.getElementById(id)),
    small: all('a, button, input:not([type=hidden])').filter((each) => height(each) > 0 && height(each) < 24).map(String),
  }
})()`

/** Texts whose contrast to what is behind them is below 4.5 to 1 (WCAG 2.2, 1.4.3). */
export const poorContrasts = `(() => {
  const channels = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number)
  const linear = (each) => (each / 255 <= 0.04045 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4)
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
  const ground = (element) => {
    if (!element) return [255, 255, 255]
    const color = channels(getComputedStyle(element).backgroundColor)
    return color.length === 4 && color[3] === 0 ? ground(element.parentElement) : color
  }
  return [...document.querySelectorAll('body *')].flatMap((element) => {
    const text = [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map((each) => each.textContent).join('').trim()
    if (text === '') return []
    const both = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))]
    const ratio = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05)
    return ratio < 4.5 ? [text + ': ' + ratio.toFixed(2)] : []
  })
})()`
