import type { VirtualNetworkGateway } from '@causeway/api-contract'
import { CommandError } from '../quick-start/index.ts'
import type { Installation } from '../quick-start/installation.ts'
import { readClient, storeClient } from './client-registry.ts'

/** Thumbprints of a client's certificates that are not revoked. Errors: `CommandError` `ResourceNotFound`. */
export async function validThumbprints(installation: Installation, name: string): Promise<readonly string[]> {
  const record = await readClient(installation, name)
  if (!record)
    throw new CommandError(
      'ResourceNotFound',
      `there is no client ${name}; \`causeway client list\` shows all`,
    )
  return record.certificates
    .filter(({ revokedAt }) => revokedAt === undefined)
    .map(({ thumbprint }) => thumbprint)
}

/** The resource with these thumbprints revoked, named after the client as the operator knows it. */
export function withRevoked(
  resource: VirtualNetworkGateway,
  clientName: string,
  thumbprints: readonly string[],
): VirtualNetworkGateway {
  const clients = resource.properties.vpnClientConfiguration ?? {}
  const present = clients.vpnClientRevokedCertificates ?? []
  const added = thumbprints.map(thumbprint => ({
    name: `${clientName}-${thumbprint.slice(0, 8).toLowerCase()}`,
    properties: { thumbprint },
  }))
  const names = new Set(present.map(({ name }) => name.toLowerCase()))
  const vpnClientRevokedCertificates = [
    ...present,
    ...added.filter(({ name }) => !names.has(name.toLowerCase())),
  ]
  const vpnClientConfiguration = { ...clients, vpnClientRevokedCertificates }
  return { ...resource, properties: { ...resource.properties, vpnClientConfiguration } }
}

/** Marks all of a client's certificates as revoked. */
export async function markRevoked(installation: Installation, name: string): Promise<void> {
  const record = await readClient(installation, name)
  if (!record) return
  const revokedAt = installation.unixSeconds()
  await storeClient(installation, {
    ...record,
    certificates: record.certificates.map(certificate => ({ revokedAt, ...certificate })),
  })
}
