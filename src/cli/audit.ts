/** `isthmus audit verify`: is the record of who did what as it was made? */
import { Command } from 'commander'
import type { Verdict } from '../audit/verify.ts'
import { verifyTenant } from '../audit/verify.ts'
import { auditedTenants } from '../store/audit-chain.ts'
import { withStore } from './with-store.ts'

interface Options {
  readonly tenant?: string
  readonly json?: boolean
}

const verify = new Command('verify')
  .description('walk the chain of audit events; names what was changed, removed, moved or cut off')
  .option('--tenant <slug>', 'of this tenant only')
  .option('--json', 'print it as JSON')
  .action(({ tenant, json = false }: Options) =>
    withStore(async (store) => {
      const tenants = tenant === undefined ? await auditedTenants(store) : [tenant]
      const verdicts: Verdict[] = []
      for (const each of tenants) verdicts.push(await verifyTenant(store, each))
      const isWhole = verdicts.every(({ findings }) => findings.length === 0)
      const text = json ? JSON.stringify({ whole: isWhole, tenants: verdicts }) : verdicts.map(described).join('\n')
      process.stdout.write(text === '' ? 'There are no audit events.\n' : `${text}\n`)
      if (!isWhole) process.exitCode = 1
    }),
  )

export const auditCommand = new Command('audit').description('the record of who did what').addCommand(verify)

function described({ tenant, linked, open, end, findings }: Verdict): string {
  const heading = `${tenant}: ${linked} events in the chain, ${open} not linked yet`
  if (findings.length === 0) return `${heading}; whole up to ${end.number} ${end.hash}`
  return [`${heading}; it was tampered with:`, ...findings.map(({ says }) => `  ${says}`)].join('\n')
}
