import { hkdfSync } from 'node:crypto'
import { createNodeCrypto } from '@causeway/crypto-node'
import { createTlsCryptV2ClientKey, formatTlsCryptV2ClientKey } from '@causeway/openvpn'
import type { Prepared, PreparedGateway } from '../quick-start/index.ts'
import type { PackageFile, PackageParts } from './package-parts.ts'
import type { ProfilePackageRequest } from './package-request.ts'
import { profileFiles } from './profile-package.ts'
import { readRequest } from './read-package-request.ts'
import { requirePointToSite } from './required-point-to-site.ts'
import { serverParts } from './server-parts.ts'

/**
 * The profile package of a gateway as Azure gives it out: for everybody, with no certificate, key or name of a user.
 * Where Azure has a file it has Azure's name; ours stand in `Linux/` and `Android/`. In the order of their paths,
 * and always the same for the same gateway.
 *
 * Errors: `CommandError` `Conflict` (no gateway, no P2S configuration, no host names), `InvalidParameter` (the request, with target).
 */
export function gatewayPackage(prepared: Prepared, request: ProfilePackageRequest): readonly PackageFile[] {
  const gateway = requirePointToSite(prepared)
  const { architectures, clientRoots, radiusRoot } = readRequest(gateway.configuration, request)
  const parts = partsOf(gateway, { clientRoots, ...(radiusRoot && { radiusRoot }) })
  const files = profileFiles(parts).flatMap(file => azurePaths(file, architectures))
  const isGeneric = files.some(({ path }) => path.startsWith('Generic/'))
  const roots = isGeneric ? [numberedRoot(parts), ...clientRootFiles(request, clientRoots)] : []
  return [...files, ...roots].toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

type Trust = Pick<PackageParts, 'clientRoots' | 'radiusRoot'>

function partsOf(gateway: PreparedGateway, { clientRoots, radiusRoot }: Trust): PackageParts {
  const { configuration, identity } = gateway
  const takesOwn = [...configuration.authentication.values()].some(methods => methods.has('Certificate'))
  return {
    ...serverParts(gateway),
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
