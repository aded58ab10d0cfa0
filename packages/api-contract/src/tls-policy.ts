/** A cipher suite of the P2S TLS policy. */
export interface TlsSuite {
  /** IANA name, as Azure lists it. */
  readonly name: string
  /** OpenSSL's name of the same suite. */
  readonly opensslName: string
  readonly version: 'TLSv1.2' | 'TLSv1.3'
}

/** The seed's TLS policies for P2S, in its order. The TLS 1.3 suites are for OpenVPN only. */
export const TLS_POLICY: readonly TlsSuite[] = [
  suite('TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', 'TLSv1.2'),
  suite('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'TLSv1.2'),
  suite('TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'ECDHE-RSA-AES256-SHA384', 'TLSv1.2'),
  suite('TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 'ECDHE-RSA-AES128-SHA256', 'TLSv1.2'),
  suite('TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384', 'TLSv1.3'),
  suite('TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256', 'TLSv1.3'),
]

/** The suite of this name, IANA's or OpenSSL's. `undefined`: not in the policy. */
export function tlsSuite(name: string): TlsSuite | undefined {
  return TLS_POLICY.find(entry => entry.name === name || entry.opensslName === name)
}

function suite(name: string, opensslName: string, version: TlsSuite['version']): TlsSuite {
  return { name, opensslName, version }
}
