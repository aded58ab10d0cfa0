import { type FindingView, parseResourceId } from '@causeway/api-contract'
import type { ManagedIdentity } from '@causeway/token-service'
import type { DoctorOptions } from './examined.ts'
import { bad, good } from './link.ts'

/** The identities by which the gateway reads vaults, and what was found of them. */
export interface IdentityLinks {
  readonly findings: readonly FindingView[]
  /** Those that are there. */
  readonly identities: readonly ManagedIdentity[]
}

const CHECK = 'identity'

/** Whether the gateway has a user-assigned identity that is there. */
export async function identityLinks({
  gateway,
  principals,
  resources,
}: DoctorOptions): Promise<IdentityLinks> {
  const { resource } = gateway.present() ?? {}
  const assigned = Object.keys(resource?.identity?.userAssignedIdentities ?? {})
  if (assigned.length === 0) return { findings: [none()], identities: [] }
  const findings: FindingView[] = []
  const identities: ManagedIdentity[] = []
  for (const id of assigned) {
    const parsed = parseResourceId(id)
    const stored = parsed.type === 'good' ? await resources.read(parsed.id) : undefined
    const identity = stored && (await principals.managedIdentity(id))
    if (identity) identities.push(identity)
    findings.push(
      identity ? good(CHECK, `${nameOf(id)} is assigned (object id ${identity.principalId})`) : gone(id),
    )
  }
  return { findings, identities }
}

function none(): FindingView {
  return bad(
    CHECK,
    'no user-assigned identity is assigned to the gateway, and so it may read no vault',
    'put the gateway with one in identity.userAssignedIdentities (`az identity create` makes one)',
  )
}

function gone(id: string): FindingView {
  return bad(CHECK, `${id} is assigned and is not there`, 'make it, or assign another one to the gateway')
}

function nameOf(id: string): string {
  return id.split('/').at(-1) ?? id
}
