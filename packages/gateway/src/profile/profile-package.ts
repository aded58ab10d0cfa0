import { randomBytes } from 'node:crypto'
import { createPkcs12, formatPem } from '@causeway/x509'
import { formatAzureProfile } from './azure-profile.ts'
import type { ProfileParts } from './client-profile.ts'
import { formatHardenedProfile } from './hardened-profile.ts'

/** A file of a profile package. */
export interface PackageFile {
  /** Relative to the package. */
  readonly path: string
  readonly content: string | Uint8Array
}

/** What a package is made of: the parts of a profile, and the certificates as DER. */
export interface PackageParts extends ProfileParts {
  /** The client's name: a checked one, it becomes a file name. */
  readonly clientName: string
  readonly certificateDer: Uint8Array
  readonly authorityDer: Uint8Array
}

const PASSWORD_BYTES = 12

/**
 * The profile package of one client, named as in Azure's zip where Azure has such a file. The
 * PKCS#12 file has a password, because Apple's systems take none without.
 */
export function profilePackage(parts: PackageParts): PackageFile[] {
  const { clientName, privateKey, certificateDer, authorityDer } = parts
  const password = randomBytes(PASSWORD_BYTES).toString('base64url')
  const chain = [authorityDer]
  const pkcs12 = { privateKey, certificate: certificateDer, chain, password, friendlyName: clientName }
  return [
    { path: 'OpenVPN/vpnconfig.ovpn', content: formatAzureProfile(parts) },
    { path: 'OpenVPN/vpnconfig-hardened.ovpn', content: formatHardenedProfile(parts) },
    { path: 'Generic/VpnServerRoot.cer', content: authorityDer },
    { path: 'ca.pem', content: formatPem(authorityDer) },
    { path: `${clientName}.p12`, content: createPkcs12(pkcs12) },
    { path: `${clientName}.p12.password`, content: `${password}\n` },
  ]
}
