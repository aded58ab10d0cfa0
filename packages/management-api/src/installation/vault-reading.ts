import type { ManagedGateway } from '@causeway/gateway'
import type { DocumentStore } from '@causeway/store'
import type { TokenService } from '@causeway/token-service'
import { APP_SERVICE_PATH, createManagedIdentityServer } from '../tokens/managed-identity-server.ts'
import { createGatewayCertificateReader, type GatewayCertificateOptions } from './certificate-reader.ts'
import { watchVaults } from './vault-hints.ts'

export interface VaultReadingOptions extends Pick<GatewayCertificateOptions, 'vaultDomain' | 'authority'> {
  readonly gateway: Pick<ManagedGateway, 'present' | 'readCertificatesBy' | 'certificatesChanged'>
  readonly documents: Pick<DocumentStore, 'watch'>
  readonly service: TokenService
  /** That of the gateway itself, which nobody else has. */
  readonly headerSecret: string
  /** Where the API listens. `undefined`: everywhere. */
  readonly apiHost: string | undefined
  readonly apiPort: number
}

const LOOPBACK = '127.0.0.1'
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/**
 * Lets the gateway read certificates of vaults, by an endpoint for its identities that it alone can use. Answers what
 * ends that. Errors: Node's for the port.
 */
export async function openVaultReading(options: VaultReadingOptions): Promise<() => Promise<void>> {
  const { gateway, documents, service, headerSecret, vaultDomain, authority } = options
  // As @azure/identity has it: which of several identities of a machine in Azure is meant.
  const { AZURE_CLIENT_ID: azureClientId } = process.env
  const server = createManagedIdentityServer({ service })
  const port = await server.listen(0)
  const reader = createGatewayCertificateReader({
    gateway,
    vaultDomain,
    vaultAddress: addressOf(options),
    authority,
    identities: { endpoint: `http://${LOOPBACK}:${port}${APP_SERVICE_PATH}`, header: headerSecret },
    // As @azure/identity has it (`DefaultAzureCredential`): which of several identities of a machine is meant.
    azureClientId,
  })
  const unwatch = watchVaults(documents, () => gateway.certificatesChanged())
  gateway.readCertificatesBy(reader)
  return async () => {
    unwatch()
    gateway.readCertificatesBy(undefined)
    reader.close()
    await server.close()
  }
}

/** The plane of vaults is on the API's port. */
function addressOf({ apiHost, apiPort }: VaultReadingOptions): GatewayCertificateOptions['vaultAddress'] {
  const isAnywhere = apiHost === undefined || WILDCARDS.has(apiHost)
  return { address: isAnywhere ? LOOPBACK : apiHost, port: apiPort }
}
