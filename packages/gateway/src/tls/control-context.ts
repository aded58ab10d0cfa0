import { createHash, X509Certificate } from 'node:crypto'
import { TLS_POLICY } from '@causeway/api-contract'
import { createTlsContext, type TlsContext, type TlsSettings } from '@causeway/control-tls'
import { EAP_TLS_EXPORTS } from '@causeway/eap'
import { DATA_KEY_LABEL, DYNAMIC_TLS_CRYPT_LABEL } from '@causeway/openvpn'
import type { CertificateHashes } from '@causeway/sstp'
import type { GatewayConfiguration, GatewayIdentity } from '../configuration.ts'

/** The context of the control channel's TLS: the gateway's certificate and its TLS policy. */
export function serverTlsContext(
  { openvpn }: GatewayConfiguration,
  { certificateChain, privateKey }: GatewayIdentity,
): TlsContext {
  return createTlsContext({
    role: 'server',
    certificateChain,
    privateKey,
    minimum: openvpn.tlsMinimum,
    maximum: openvpn.tlsMaximum,
    ciphers: openvpn.tlsCiphers,
    exports: OPENVPN_EXPORTS,
  })
}

/** What a server shows of itself. */
type ServerCredentials = Pick<GatewayIdentity, 'certificateChain' | 'privateKey'>

/**
 * The context of EAP-TLS: the same certificate, and TLS 1.2 alone. Azure's policy has TLS 1.3 for OpenVPN only, and
 * clients fail on it: strongSwan 5.9.8 crashes on RFC 9190's success record.
 */
export function eapTlsContext(credentials: ServerCredentials): TlsContext {
  return tls12Context(credentials, { exports: EAP_TLS_EXPORTS })
}

/**
 * The context of the shared TCP port, for SSTP and browsers: the same certificate and TLS 1.2, as Azure's policy has
 * for SSTP. No certificate is asked for: SSTP authenticates inside, and a browser would ask its user for one.
 */
export function sharedPortTlsContext(credentials: ServerCredentials): TlsContext {
  return tls12Context(credentials, { exports: [], peerCertificate: 'none' })
}

function tls12Context(
  { certificateChain, privateKey }: ServerCredentials,
  settings: Pick<TlsSettings, 'exports' | 'peerCertificate'>,
): TlsContext {
  return createTlsContext({
    role: 'server',
    certificateChain,
    privateKey,
    minimum: 'TLSv1.2',
    maximum: 'TLSv1.2',
    ciphers: SUITES_OF_TLS_1_2,
    ...settings,
  })
}

/**
 * What SSTP's crypto binding holds of a certificate.
 *
 * @param certificate DER, or PEM, where the leaf leads its chain.
 */
export function certificateHashes(certificate: string | Uint8Array): CertificateHashes {
  const { raw } = new X509Certificate(certificate)
  const hash = (name: 'sha1' | 'sha256') => new Uint8Array(createHash(name).update(raw).digest())
  return { sha1: hash('sha1'), sha256: hash('sha256') }
}

/** The same in the client role. Errors: `ERR_TLS_SETTINGS`. */
export function clientTlsContext(settings: Omit<TlsSettings, 'role' | 'exports'>): TlsContext {
  return createTlsContext({ ...settings, role: 'client', exports: OPENVPN_EXPORTS })
}

/** The policy's suites of TLS 1.2, by OpenSSL's names. */
export const SUITES_OF_TLS_1_2: readonly string[] = TLS_POLICY.filter(
  ({ version }) => version === 'TLSv1.2',
).flatMap(({ opensslName }) => [
  opensslName,
  // The same for a gateway whose own certificate is ECDSA.
  opensslName.replace('-RSA-', '-ECDSA-'),
])

/** What OpenVPN takes from a handshake, in the order in which `TlsTable` hands it on. */
const OPENVPN_EXPORTS = [
  { label: DATA_KEY_LABEL, bytes: 256 },
  { label: DYNAMIC_TLS_CRYPT_LABEL, bytes: 256 },
] as const
