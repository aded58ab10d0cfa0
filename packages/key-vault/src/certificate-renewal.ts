import type { CertificatePolicy } from './certificate-policy.ts'
import { issueVersion } from './certificates.ts'
import type { VaultContext } from './vault-context.ts'
import { VaultError } from './vault-error.ts'
import type { VersionRecord } from './vault-records.ts'

const PAGE = 100
const DAY_SECONDS = 86_400

/** What came of looking for certificates whose time has come. */
export interface Renewal {
  /** Names of those that have a new version. */
  readonly renewed: readonly string[]
  /** Those of which none can be made by their policies. */
  readonly failed: readonly { readonly name: string; readonly error: VaultError }[]
}

/** @internal A new version of each certificate whose policy says that it is time. One that fails holds no other up. */
export async function renew(context: VaultContext): Promise<Renewal> {
  const renewed: string[] = []
  const failed: { readonly name: string; readonly error: VaultError }[] = []
  let after: string | undefined
  for (;;) {
    const page = await context.records.objects(after, PAGE)
    for (const { name } of page) {
      after = name.toLowerCase()
      try {
        if (await renewOne(context, name)) renewed.push(name)
      } catch (error) {
        if (!(error instanceof VaultError)) throw error
        failed.push({ name, error })
      }
    }
    if (page.length < PAGE) return { renewed, failed }
  }
}

async function renewOne(context: VaultContext, name: string): Promise<boolean> {
  const stored = await context.object(name)
  const policy = stored?.record.policy
  if (!stored || stored.record.deleted || policy?.issuer.name !== 'Self') return false
  const current = await context.records.version(name, stored.record.version)
  if (!current || !isDue(policy, current.record, context.now())) return false
  const { enabled, tags } = current.record
  return (await issueVersion(context, name, stored, { policy, attributes: { enabled }, tags })) !== undefined
}

function isDue({ lifetime_actions }: CertificatePolicy, version: VersionRecord, now: number): boolean {
  const { nbf = 0, exp = 0 } = version
  return lifetime_actions.some(({ trigger, action }) => {
    if (action.action_type !== 'AutoRenew') return false
    const { lifetime_percentage: percentage, days_before_expiry: days } = trigger
    if (percentage !== undefined) return now >= nbf + ((exp - nbf) * percentage) / 100
    return days !== undefined && now >= exp - days * DAY_SECONDS
  })
}
