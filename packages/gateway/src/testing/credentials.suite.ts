import {
  formatPem,
  type IssuedCertificate,
  issueClientCertificate,
  issueIntermediate,
  issueRoot,
  issueServerCertificate,
} from '@causeway/x509'

/** A certificate as TLS wants it, with its chain in DER. */
export interface TlsCredentials {
  /** PEM, leaf first. */
  readonly certificateChain: string
  /** PKCS#8 PEM. */
  readonly privateKey: string
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[]
}

const key = 'ecdsa-p256'
const HOUR_SECONDS = 3600

/** From an hour before to an hour after `at` (unix seconds). */
export function hoursAround(at: number): { readonly notBefore: number; readonly notAfter: number } {
  const seconds = Math.floor(at)
  return { notBefore: seconds - HOUR_SECONDS, notAfter: seconds + HOUR_SECONDS }
}

/** The same for all: an authority must outlive what it issues a moment later. */
const now = hoursAround(Date.now() / 1000)
const longer = { ...now, notAfter: now.notAfter + HOUR_SECONDS }

export function root(commonName = 'Test root', validity = longer): Promise<IssuedCertificate> {
  return issueRoot({ commonName, key, ...validity })
}

export function intermediate(issuer: IssuedCertificate, commonName = 'Middle'): Promise<IssuedCertificate> {
  return issueIntermediate(issuer, { commonName, key, pathLength: 2, ...longer })
}

export async function gatewayCredentials(issuer: IssuedCertificate): Promise<TlsCredentials> {
  const dnsNames = ['gateway.test']
  const leaf = await issueServerCertificate(issuer, { commonName: 'gateway.test', dnsNames, key, ...now })
  return credentials(leaf, [])
}

/** @param path authorities to send along, the leaf's issuer first. */
export async function clientCredentials(
  issuer: IssuedCertificate,
  commonName = 'alice',
  path: readonly IssuedCertificate[] = [],
  validity = now,
): Promise<TlsCredentials> {
  return credentials(await issueClientCertificate(issuer, { commonName, key, ...validity }), path)
}

function credentials(leaf: IssuedCertificate, path: readonly IssuedCertificate[]): TlsCredentials {
  const chain = [leaf, ...path].map(({ certificate }) => certificate)
  const certificateChain = chain.map(der => formatPem(der)).join('')
  return { certificateChain, privateKey: leaf.privateKey, chain }
}
