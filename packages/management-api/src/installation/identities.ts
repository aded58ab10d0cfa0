import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { ManagedGateway } from '@causeway/gateway'
import { replaceFile, type SecretStore } from '@causeway/store'
import type { IdentityHosts, ManagedIdentity, PrincipalStore } from '@causeway/token-service'

/** The header secret of programs of this machine, for whoever may read the data directory. */
export const IDENTITY_HEADER_FILE = 'identity-header'

const SECRET_NAME = 'identity-header'
const SECRET_BYTES = 32
/** For root alone. */
const FILE_MODE = 0o600

/**
 * Who gets tokens of identities here: programs of this machine, which are the gateway, with what is assigned to it.
 *
 * @param headerSecrets each of which stands for the gateway
 */
export function identityHosts(
  gateway: Pick<ManagedGateway, 'present'>,
  principals: PrincipalStore,
  headerSecrets: readonly string[],
): IdentityHosts {
  return {
    headerSecrets: async () => {
      const resourceId = gateway.present()?.resource.id
      return resourceId === undefined ? [] : headerSecrets.map(secret => ({ resourceId, secret }))
    },
    identitiesOf: async resourceId => {
      const { resource } = gateway.present() ?? {}
      if (resource?.id === undefined || resource.id !== resourceId) return []
      const assigned = Object.keys(resource.identity?.userAssignedIdentities ?? {})
      const found = await Promise.all(assigned.map(id => principals.managedIdentity(id)))
      return found.filter((identity): identity is ManagedIdentity => identity !== undefined)
    },
  }
}

/** A header secret, for whoever is told it. */
export function newHeaderSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

/** The header secret, made the first time; it is also in a file of the data directory. Errors: the store's. */
export async function ensureHeaderSecret(
  secrets: Pick<SecretStore, 'read' | 'write'>,
  directory: string,
): Promise<string> {
  const stored = await secrets.read(SECRET_NAME)
  const secret = stored ? new TextDecoder().decode(stored) : newHeaderSecret()
  if (!stored) await secrets.write(SECRET_NAME, new TextEncoder().encode(secret))
  await replaceFile(join(directory, IDENTITY_HEADER_FILE), `${secret}\n`, FILE_MODE)
  return secret
}
