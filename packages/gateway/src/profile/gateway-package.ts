import { hkdfSync } from 'node:crypto'
import { createNodeCrypto } from '@causeway/crypto-node'
import { createTlsCryptV2ClientKey, formatTlsCryptV2ClientKey } from '@causeway/openvpn'
import { describeCertificate, formatPem } from '@causeway/x509'
import { CommandError, type PreparedGateway } from '../quick-start/index.ts'
import type { PackageFile, PackageParts } from './package-parts.ts'
import type { ProfilePackageRequest } from './package-request.ts'
import { profileFiles } from './profile-package.ts'
import { readRequest } from './read-package-request.ts'
import { requireHostNames } from './required-host-names.ts'

/**
 * The profile package of a gateway as Azure gives it out: for everybody, with no certificate, key or name of a user.
 * Where Azure has a file it has Azure's name; ours stand in `Linux/` and `Android/`. In the order of their paths,
 * and always the same for the same gateway.
 *
 * Errors: `CommandError` `Conflict` (no P2S configuration, no host names), `InvalidParameter` (the request, with target).
 */
export function gatewayPackage(
  prepared: PreparedGateway,
  request: ProfilePackageRequest,
): readonly PackageFile[] {
  const { configuration, resource } = prepared
  if (!resource.properties.vpnClientConfiguration || configuration.tunnels.size === 0) throw withoutClients()
  const { architectures, clientRoots, radiusRoot } = readRequest(configuration, request)
  const parts = partsOf(prepared, { clientRoots, ...(radiusRoot && { radiusRoot }) })
  const files = profileFiles(parts).flatMap(file => azurePaths(file, architectures))
  const isGeneric = files.some(({ path }) => path.startsWith('Generic/'))
  const roots = isGeneric ? [numberedRoot(parts), ...clientRootFiles(request, clientRoots)] : []
  return [...files, ...roots].toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

function withoutClients(): CommandError {
  const remedy = 'add properties.vpnClientConfiguration to it, then ask for the package again'
  return new CommandError('Conflict', `the gateway has no point-to-site configuration; ${remedy}`)
}

type Trust = Pick<PackageParts, 'clientRoots' | 'radiusRoot'>

function partsOf(
  { configuration, identity, server, settings }: PreparedGateway,
  { clientRoots, radiusRoot }: Trust,
): PackageParts {
  const takesOwn = [...configuration.authentication.values()].some(methods => methods.has('Certificate'))
  return {
    configuration,
    identity,
    hostNames: requireHostNames(settings),
    serverName: server.name,
    authority: formatPem(server.root),
    authorityDer: server.root,
    issuerName: describeCertificate(server.chain[1] ?? server.root).commonName ?? '',
    isOwnCertificate: server.source === 'own',
    clientRoots: takesOwn ? configuration.certificateAuthentication.roots : clientRoots,
    ...(radiusRoot && { radiusRoot }),
    tlsCryptV2Key: commonKey(identity.tlsCryptV2ServerKey),
  }
}

/** What the gateway finds in a tls-crypt-v2 key that everybody has. */
const COMMON_KEY_OWNER = 'everybody'

/** One tls-crypt-v2 key for all, which is thereby no better than a tls-crypt key. It follows from the server's. */
function commonKey(serverKey: Uint8Array): string {
  const random = (length: number): Uint8Array =>
    new Uint8Array(
      hkdfSync('sha256', serverKey, '', 'causeway tls-crypt-v2 key of a profile package', length),
    )
  const data = new TextEncoder().encode(COMMON_KEY_OWNER)
  const crypto = { ...createNodeCrypto(), random }
  return formatTlsCryptV2ClientKey(createTlsCryptV2ClientKey(crypto, serverKey, { type: 'user', data }))
}

/** Where a file of one client's package stands in Azure's: `Windows/` is one folder for each processor. */
function azurePaths(file: PackageFile, architectures: readonly string[]): PackageFile[] {
  const [folder = '', ...rest] = file.path.split('/')
  if (folder === 'Windows') return architectures.map(each => ({ ...file, path: windowsPath(each, rest) }))
  return LINUX_FOLDERS.has(folder) ? [{ ...file, path: `Linux/${file.path}` }] : [file]
}

const LINUX_FOLDERS: ReadonlySet<string> = new Set(['StrongSwan', 'NetworkManager', 'Sstpc'])

function windowsPath(architecture: string, rest: readonly string[]): string {
  const name = rest.join('/').replace(/^VpnClientSetup/, `VpnClientSetup${architecture}`)
  return `Windows${architecture}/${name}`
}

/** Newer packages of Azure number the roots. */
function numberedRoot({ authorityDer }: PackageParts): PackageFile {
  return { path: 'Generic/VpnServerRoot.cer_0', content: authorityDer }
}

/** Ours: what the request names, for whoever sets up clients. */
function clientRootFiles(
  { clientRootCertificates }: ProfilePackageRequest,
  roots: readonly Uint8Array[],
): PackageFile[] {
  if (!clientRootCertificates) return []
  return roots.map((content, i) => ({ path: `Generic/VpnClientRoot.cer_${i}`, content }))
}
