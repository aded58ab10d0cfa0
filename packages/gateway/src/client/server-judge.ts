import type { ClientProfile } from '@causeway/openvpn'
import { type CertificateDescription, createTrustStore, readCertificates } from '@causeway/x509'

/** Judges the server's chain (DER, leaf first). Gives why it is not trusted, or `undefined`. */
export type ServerJudge = (peerChain: readonly Uint8Array[]) => string | undefined

/**
 * Trusts a server as the profile says: a chain to its `ca`, for servers where `remote-cert-tls` asks
 * for it, and under the name of `verify-x509-name`. Errors: `X509Error` when `ca` cannot be read.
 */
export function serverJudge(profile: ClientProfile, unixSeconds: () => number): ServerJudge {
  const trust = createTrustStore({ roots: profile.ca === undefined ? [] : readCertificates(profile.ca) })
  return ([leaf, ...intermediates]) => {
    if (!leaf) return 'the server sent no certificate'
    const time = Math.floor(unixSeconds())
    const requireExtendedKeyUsage = profile.requireServerUsage
    const request = { leaf, intermediates, time, purpose: 'server', requireExtendedKeyUsage } as const
    const validation = trust.verify(request)
    if (!validation.valid) return `server certificate refused: ${validation.reason}: ${validation.detail}`
    return nameFault(profile, validation.leaf)
  }
}

/**
 * Trusts a server with a chain to this authority and this name among its subject alternative names.
 * Errors: `X509Error` when `authority`, PEM, cannot be read.
 */
export function authorityJudge(
  authority: string,
  serverName: string,
  unixSeconds: () => number,
): ServerJudge {
  const trust = createTrustStore({ roots: readCertificates(authority) })
  return ([leaf, ...intermediates]) => {
    if (!leaf) return 'the server sent no certificate'
    const request = { leaf, intermediates, time: Math.floor(unixSeconds()), purpose: 'server' } as const
    const validation = trust.verify(request)
    if (!validation.valid) return `server certificate refused: ${validation.reason}: ${validation.detail}`
    const names = validation.leaf.subjectAltNames.map(({ value }) => value)
    return names.includes(serverName) ? undefined : `the server's certificate is not that of ${serverName}`
  }
}

function nameFault(
  { serverName }: ClientProfile,
  { commonName = '', subject }: CertificateDescription,
): string | undefined {
  if (!serverName) return undefined
  const { name, match } = serverName
  const matches = {
    name: commonName === name,
    'name-prefix': commonName.startsWith(name),
    // OpenVPN writes a subject the other way round: least specific part first.
    subject: subject === name || subject.split(',').reverse().join(', ') === name,
  }[match]
  return matches ? undefined : `the server's certificate is not that of ${name}`
}
