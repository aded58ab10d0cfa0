import { parseVaultObjectId } from '@causeway/vault-client'
import { propertiesOf } from '../resources/document.ts'
import type { ResourceStore } from '../resources/resource-store.ts'
import { valueAt } from '../resources/schema-paths.ts'
import type { VaultHosts } from '../vault/vault-hosts.ts'

/** An outbound certificate of a connection, in a vault of the installation. */
export interface CertificateUse {
  /** Name of the connection. */
  readonly connection: string
  readonly vault: string
  /** Name of the certificate. */
  readonly name: string
  /** Absent: whichever is the newest. */
  readonly version: string | undefined
}

const CONNECTION = 'Microsoft.Network/connections'

/** Which certificates of the installation's vaults connections name. Errors: the store's. */
export async function certificateUses(
  resources: ResourceStore,
  hosts: VaultHosts,
): Promise<readonly CertificateUse[]> {
  const uses: CertificateUse[] = []
  for await (const { document } of resources.below(undefined)) {
    if (document.type !== CONNECTION) continue
    const { authenticationType } = propertiesOf(document.body)
    if (authenticationType !== 'Certificate') continue
    const id = valueAt(document.body, 'properties.certificateAuthentication.outboundAuthCertificate')
    const place = typeof id === 'string' ? ownVaultPlace(id, hosts) : undefined
    if (place) uses.push({ connection: document.id.split('/').at(-1) ?? '', ...place })
  }
  return uses
}

/** Where in the installation's vaults an identifier leads; `undefined`: to none of them. */
export function ownVaultPlace(
  id: string,
  hosts: VaultHosts,
): Pick<CertificateUse, 'vault' | 'name' | 'version'> | undefined {
  const parsed = parseVaultObjectId(id, [vaultDomainOf(hosts)])
  const vault = parsed.type === 'id' ? hosts.nameOf(parsed.host) : undefined
  if (parsed.type !== 'id' || vault === undefined) return undefined
  return { vault, name: parsed.name, version: parsed.version }
}

/** What follows a vault's name in its host, without a port. */
export function vaultDomainOf(hosts: VaultHosts): string {
  return hosts.domainOf().replace(/:\d+$/, '')
}
