/** Cases of what leads from one resource to another: chains, `_has`, includes. Made of every link that there is. */
import { linksOf } from '../../../support/search-oracle/ask.ts'
import { finds, get, later, refused } from './case.ts'
import type { Case } from './case.ts'
import { hasScope } from './rights.ts'
import { allIn, included, includedBack, named, referencesOf, searched } from './seen.ts'
import type { Include, View } from './seen.ts'
import type { Held } from './world.ts'

interface Link {
  readonly type: string
  readonly code: string
  readonly target: string
  /** somebody who is pointed at */
  readonly ids: readonly string[]
}

const MORE = '_count=500'

/** By type, parameter and type of the target: who is pointed at, the last ones, who are others' as a rule. */
export function linksIn({ current }: Held): Link[] {
  const found = allIn(current).flatMap((each) =>
    referencesOf(each.resourceType).flatMap(({ code, target }) =>
      linksOf(each, code).flatMap((link) => {
        const [type = '', id = ''] = link.split('/')
        return target?.includes(type) ? [{ key: `${each.resourceType} ${code} ${type}`, id }] : []
      }),
    ),
  )
  return [...Map.groupBy(found, ({ key }) => key)].map(([key, all]) => {
    const [type = '', code = '', target = ''] = key.split(' ')
    const ids = [...new Set(all.map(({ id }) => id))]
    return { type, code, target, ids: ids.filter((_, index) => index === 0 || index === ids.length - 1) }
  })
}

export function linkCases(view: View, links: readonly Link[]): Case[] {
  return [...links.flatMap((link) => [...chainCases(view, link), ...includeCases(view, link)]), ...wildcards(view)]
}

function chainCases(view: View, { type, code, target, ids }: Link): Case[] {
  const back = [`_has:${type}:${code}:_lastUpdated`, 'gt2000'] as const
  const chained = [`${code}:${target}._lastUpdated`, 'gt2000'] as const
  return [
    ...ids.map((id) => {
      const chain = [`${code}:${target}._id`, id] as const
      return caseOf(view, type, chain.join('='), () => searched(view, type, [chain]))
    }),
    caseOf(view, type, chained.join('='), () => searched(view, type, [chained])),
    caseOf(view, target, back.join('='), () => searched(view, target, [back])),
  ]
}

function includeCases(view: View, { type, code, target }: Link): Case[] {
  const one: Include = { type, code }
  const [from, to] = [namesIn(view, type), namesIn(view, target)]
  return [
    caseOf(view, type, `_include=${type}:${code}`, () => included(view, from, one, false), from.length),
    caseOf(view, target, `_revinclude=${type}:${code}`, () => includedBack(view, to, one, false), to.length),
  ]
}

function wildcards(view: View): Case[] {
  return [...view.held.current.keys()].sort().flatMap((type) => {
    const from = namesIn(view, type)
    return [
      caseOf(view, type, '_include=*', () => included(view, from, { type }, false), from.length),
      caseOf(view, type, '_include:iterate=*', () => included(view, from, { type }, true), from.length),
      caseOf(view, type, '_revinclude=*', () => includedBack(view, from, { type: '*' }, false), from.length),
    ]
  })
}

function namesIn({ search }: View, type: string): string[] {
  return (search.get(type) ?? []).map(named)
}

/** `matches`: as many; none said: all that are found */
function caseOf({ asker }: View, type: string, query: string, names: () => string[], matches?: number): Case {
  const isAllowed = hasScope(asker.rules, 's', type)
  const wants = later(() => {
    const wanted = names()
    return finds(wanted, matches ?? wanted.length)
  })
  return { by: asker, ask: get(`${type}?${MORE}&${query}`), wants: isAllowed ? wants : refused }
}
