import { createTlsContext, type TlsContext, type TlsSettings } from '@causeway/control-tls'
import { formatPem, issueClientCertificate, issueRoot, issueServerCertificate } from '@causeway/x509'
import { EAP_TLS_EXPORTS } from '../tls/tls-keys.ts'

/** Certificate and key, as TLS wants them. */
export interface Credentials {
  /** PEM, leaf first. */
  readonly certificateChain: string
  /** PKCS#8 PEM. */
  readonly privateKey: string
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[]
}

/** Nobody judges them here, so their times are any. */
const leaf = { key: 'ecdsa-p256', notBefore: 1_700_000_000, notAfter: 1_800_000_000 } as const
const root = await issueRoot({ commonName: 'Root', ...leaf, notAfter: leaf.notAfter + 1 })
const server = await issueServerCertificate(root, {
  commonName: 'gateway.test',
  dnsNames: ['gateway.test'],
  ...leaf,
})
const client = await issueClientCertificate(root, { commonName: 'alice', ...leaf })

/** Larger than the others, so that a long chain needs few: TLS hands up ten certificates at most. */
const filler = await issueRoot({ commonName: 'Filler', ...leaf, key: 'rsa-2048' })

export const SERVER: Credentials = credentials(server.privateKey, [server.certificate])
export const CLIENT: Credentials = credentials(client.privateKey, [client.certificate])

/** The client's leaf with so much behind it that the chain has at least this many bytes. */
export function clientChainOf(bytes: number): Credentials {
  const count = Math.ceil(bytes / filler.certificate.length)
  return credentials(CLIENT.privateKey, [
    client.certificate,
    ...Array.from({ length: count }, () => filler.certificate),
  ])
}

export type Version = 'TLSv1.2' | 'TLSv1.3'

const CIPHERS = ['TLS_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384']

/** A TLS context as a gateway makes it for EAP. */
export function tlsContext(
  role: 'server' | 'client',
  settings: Partial<TlsSettings> & { readonly version?: Version } = {},
): TlsContext {
  const { version, ...rest } = settings
  return createTlsContext({
    role,
    minimum: version ?? 'TLSv1.2',
    maximum: version ?? 'TLSv1.3',
    ciphers: CIPHERS,
    exports: EAP_TLS_EXPORTS,
    ...rest,
  })
}

function credentials(privateKey: string, chain: readonly Uint8Array[]): Credentials {
  return { certificateChain: chain.map(der => formatPem(der)).join(''), privateKey, chain }
}
