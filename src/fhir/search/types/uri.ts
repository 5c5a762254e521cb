/** uri: the whole of it, or under `:below` and `:above` what is in its path or what its path is in (R4 search.html#uri). */
import { GatewayError } from '../../../kernel/errors.ts'
import { uriKey } from '../../../r4/keys/text.ts'
import { keyRange } from '../lookup.ts'
import type { Asked, SearchType } from '../lookup.ts'
import { unescape } from '../query-text.ts'

export const uri: SearchType = {
  find: ({ parameter, value }) => uriKey(parameter.code, unescape(value)),
  modifiers: {
    below: (asked) => {
      const key = uriKey(asked.parameter.code, urlOf(asked, 'below'))
      // `0` comes after `/`
      return { $or: [{ k: key }, keyRange(`${key}/`, `${key}0`)] }
    },
    above: (asked) => {
      const url = urlOf(asked, 'above')
      const ends = [...url.matchAll(/(?<=:\/\/.+)(?:\/|$)/g)].map(({ index }) => url.slice(0, index))
      return ends.flatMap((each) => [uriKey(asked.parameter.code, each), uriKey(asked.parameter.code, `${each}/`)])
    },
  },
}

/** Only the path of a URL is a hierarchy: a URN has none. */
function urlOf({ parameter, value }: Asked, modifier: string): string {
  const url = unescape(value).replace(/\/$/, '')
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(url)) return url
  throw new GatewayError('GW_BAD_REQUEST', `"${parameter.code}:${modifier}" takes a URL with a path.`)
}
