/** As much of a browser as signing in needs: cookies by host and path, redirects one by one or all the way. */
export interface Page {
  readonly status: number
  readonly url: string
  readonly headers: Headers
  readonly text: string
}

export interface Browser {
  /** without following */
  get(url: string): Promise<Page>
  post(url: string, form: Readonly<Record<string, string>>): Promise<Page>
  /** to where redirects end, or to the first address that `stop` says yes to (which is not asked) */
  follow(url: string, stop?: (url: string) => boolean): Promise<Page>
  cookies(url: string): string
}

interface Cookie {
  readonly origin: string
  readonly path: string
  readonly name: string
  readonly value: string
}

export function openBrowser(): Browser {
  const jar = new Map<string, Cookie>()
  const cookies = (url: string): string => {
    const { origin, pathname } = new URL(url)
    return [...jar.values()]
      .filter((each) => each.origin === origin && pathname.startsWith(each.path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  }
  const ask = async (url: string, init: RequestInit = {}): Promise<Page> => {
    const headers = { accept: 'text/html', cookie: cookies(url) }
    const response = await fetch(url, { redirect: 'manual', ...init, headers })
    for (const line of response.headers.getSetCookie()) keep(jar, new URL(url).origin, line)
    return { status: response.status, url, headers: response.headers, text: await response.text() }
  }
  const follow = async (url: string, stop = (_: string): boolean => false): Promise<Page> => {
    for (let next = url, hops = 0; hops < 20; hops++) {
      if (stop(next)) return { status: 0, url: next, headers: new Headers(), text: '' }
      const page = await ask(next)
      const location = page.headers.get('location')
      if (location === null) return page
      next = new URL(location, next).href
    }
    throw new Error('too many redirects')
  }
  const post = (url: string, form: Readonly<Record<string, string>>): Promise<Page> =>
    ask(url, { method: 'POST', body: new URLSearchParams(form) })
  return { get: ask, post, follow, cookies }
}

function keep(jar: Map<string, Cookie>, origin: string, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
  const at = pair.indexOf('=')
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
  const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/'
  const key = `${origin} ${path} ${name}`
  const expires = attributes.find((each) => /^expires=/i.test(each))?.slice(8)
  if (value === '' || (expires !== undefined && Date.parse(expires) < Date.now())) jar.delete(key)
  else jar.set(key, { origin, path, name, value })
}
