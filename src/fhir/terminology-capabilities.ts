/** TerminologyCapabilities (https://hl7.org/fhir/R4/terminologycapabilities.html), made of what is loaded and what is asked. */
import type { CodeSystem } from '@medplum/fhirtypes'
import { release } from '../kernel/release.ts'
import type { Terminology } from '../r4/terminology/terminology.ts'
import { EXPAND_INPUTS } from './operations/expand.ts'

const started = new Date().toISOString()

/** Code systems with codes; those that a tenant stored are resources of the tenant. */
export function terminologyCapabilities(base: string, terminology: Terminology): object {
  const systems = Map.groupBy(terminology.codeSystems().filter(hasCodes), ({ url }) => url)
  return {
    resourceType: 'TerminologyCapabilities',
    url: `${base}/metadata?mode=terminology`,
    version: release,
    name: 'IsthmusTerminology',
    title: 'What this Isthmus gateway knows of codes',
    status: 'active',
    date: started,
    kind: 'instance',
    software: { name: 'Isthmus', version: release },
    implementation: {
      description:
        'The terminology of R4, of FHIR packages, of the mappings, and what a tenant stored: expanded, validated, looked up, compared and translated. Of code systems that are not named here or stored nothing is said',
      url: base,
    },
    codeSystem: [...systems].map(([uri, versions]) => ({ uri, ...versionsOf(versions), subsumption: true })),
    expansion: {
      hierarchical: true,
      paging: true,
      incomplete: false,
      parameter: EXPAND_INPUTS.map(({ name }) => ({ name })),
      textFilter: 'Words of code, display and designations, in any case, with or without accents and vowel signs',
    },
    codeSearch: 'explicit',
    validateCode: { translations: true },
    translation: { needsMap: false },
  }
}

function hasCodes({ content }: CodeSystem): boolean {
  return content !== 'not-present' && content !== 'supplement'
}

function versionsOf(systems: readonly CodeSystem[]): object {
  const version = systems.flatMap(({ version: code, language }) =>
    code === undefined ? [] : [{ code, ...(language !== undefined && { language: [language] }) }],
  )
  return version.length > 0 ? { version } : {}
}
