import { Agent, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { rootCertificates } from 'node:tls'
import { limits } from './limits.ts'

/** Where a host is, whatever DNS says. */
export interface VaultAddress {
  /** IPv4 or IPv6. */
  readonly address: string
  readonly port: number
}

export interface VaultAgentOptions {
  /** Certificates in PEM that are trusted beside Node's own. */
  readonly ca?: string
  /** Asked for each connection; `undefined`: as DNS says. */
  readonly lookup?: (host: string) => VaultAddress | undefined
}

/** Connections to vaults. The name in TLS and in `Host` is the vault's, wherever it is. */
export class VaultAgent extends Agent {
  readonly #lookup: VaultAgentOptions['lookup']

  constructor({ ca, lookup }: VaultAgentOptions) {
    super({
      keepAlive: true,
      maxSockets: 4,
      minVersion: 'TLSv1.2',
      timeout: limits.requestMilliseconds,
      ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    })
    this.#lookup = lookup
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const found = this.#lookup?.(options.host ?? '')
    if (!found) return super.createConnection(options, callback)
    const { address: host, port } = found
    const placed = { ...options, host, port, servername: options.servername ?? options.host ?? '' }
    return super.createConnection(placed, callback)
  }
}
