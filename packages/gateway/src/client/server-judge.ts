import type { ClientProfile } from '@causeway/openvpn'
import {
  type CertificateDescription,
  createTrustStore,
  readCertificates,
  type TrustStore,
} from '@causeway/x509'

/** Judges the server's chain (DER, leaf first). Gives why it is not trusted, or `undefined`. */
export type ServerJudge = (peerChain: readonly Uint8Array[]) => string | undefined

/**
 * Trusts a server as the profile says: a chain to its `ca`, for servers where `remote-cert-tls` asks
 * for it, and under the name of `verify-x509-name`. Errors: `X509Error` when `ca` cannot be read.
 */
export function serverJudge(profile: ClientProfile, unixSeconds: () => number): ServerJudge {
  const trust = createTrustStore({ roots: profile.ca === undefined ? [] : readCertificates(profile.ca) })
  const usage = { requireExtendedKeyUsage: profile.requireServerUsage }
  return chainJudge(trust, usage, unixSeconds, leaf => nameFault(profile, leaf))
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
  return chainJudge(trust, {}, unixSeconds, ({ subjectAltNames }) => {
    const isNamed = subjectAltNames.some(({ value }) => value === serverName)
    return isNamed ? undefined : `the server's certificate is not that of ${serverName}`
  })
}

function chainJudge(
  trust: TrustStore,
  usage: { readonly requireExtendedKeyUsage?: boolean },
  unixSeconds: () => number,
  judgeName: (leaf: CertificateDescription) => string | undefined,
): ServerJudge {
  return ([leaf, ...intermediates]) => {
    if (!leaf) return 'the server sent no certificate'
    const time = Math.floor(unixSeconds())
    const validation = trust.verify({ leaf, intermediates, time, purpose: 'server', ...usage })
    if (!validation.valid) return `server certificate refused: ${validation.reason}: ${validation.detail}`
    return judgeName(validation.leaf)
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
