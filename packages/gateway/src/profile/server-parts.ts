import { describeCertificate, formatPem } from '@causeway/x509'
import type { PreparedGateway } from '../quick-start/index.ts'
import type { PackageParts } from './package-parts.ts'
import { requireHostNames } from './required-host-names.ts'

/** What every package of a gateway tells of it, whoever the package is for. */
type ServerParts = Pick<
  PackageParts,
  | 'configuration'
  | 'identity'
  | 'hostNames'
  | 'serverName'
  | 'authority'
  | 'authorityDer'
  | 'issuerName'
  | 'isOwnCertificate'
>

/** Errors: as {@link requireHostNames}. */
export function serverParts({ configuration, identity, server, settings }: PreparedGateway): ServerParts {
  return {
    configuration,
    identity,
    hostNames: requireHostNames(settings),
    serverName: server.name,
    authority: formatPem(server.root),
    authorityDer: server.root,
    issuerName: describeCertificate(server.chain[1] ?? server.root).commonName ?? '',
    isOwnCertificate: server.source === 'own',
  }
}
