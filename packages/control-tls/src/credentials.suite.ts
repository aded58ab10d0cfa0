import {
  formatPem,
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

export interface Parties {
  readonly server: TlsCredentials
  /** Sends two intermediates along. */
  readonly client: TlsCredentials
}

type Key = 'ecdsa-p256' | 'rsa-2048'

/** A server and a client under one root. */
export async function issueParties(key: Key): Promise<Parties> {
  const now = Math.floor(Date.now() / 1000)
  const leaf = { key, notBefore: now - 3600, notAfter: now + 3600 } as const
  const authority = { ...leaf, notAfter: now + 7200 } as const
  const root = await issueRoot({ commonName: 'Root', ...authority })
  const upper = await issueIntermediate(root, { commonName: 'Upper', pathLength: 1, ...authority })
  const lower = await issueIntermediate(upper, { commonName: 'Lower', pathLength: 0, ...authority })
  const server = await issueServerCertificate(root, {
    commonName: 'gateway.test',
    dnsNames: ['gateway.test'],
    ...leaf,
  })
  const client = await issueClientCertificate(lower, { commonName: 'alice', ...leaf })
  return {
    server: credentials(server.privateKey, [server.certificate]),
    client: credentials(client.privateKey, [client.certificate, lower.certificate, upper.certificate]),
  }
}

/** The same leaf with so many more certificates behind it. */
export function withLongerChain({ privateKey, chain }: TlsCredentials, certificates: number): TlsCredentials {
  const last = chain[chain.length - 1] as Uint8Array
  return credentials(privateKey, [...chain, ...Array.from({ length: certificates }, () => last)])
}

function credentials(privateKey: string, chain: readonly Uint8Array[]): TlsCredentials {
  return { certificateChain: chain.map(der => formatPem(der)).join(''), privateKey, chain }
}
