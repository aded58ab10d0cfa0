import type { OpenVpnCommand, TlsId } from '@causeway/openvpn'
import type { OpenTls, TlsConnection } from '../tls/tls-connection.ts'

/** The TLS connections of an engine, by the id that it gave them. */
export class TlsTable {
  readonly #connections = new Map<TlsId, TlsConnection>()
  readonly #tell: (command: OpenVpnCommand) => void

  /** @param tell hands the engine what happens on a connection. */
  constructor(tell: (command: OpenVpnCommand) => void) {
    this.#tell = tell
  }

  get size(): number {
    return this.#connections.size
  }

  start(tls: TlsId, open: OpenTls): void {
    const connection = open({
      output: bytes => this.#tell({ type: 'tls-output', tls, bytes }),
      established: established => this.#tell({ type: 'tls-established', tls, established }),
      plaintext: bytes => this.#tell({ type: 'tls-plaintext', tls, bytes }),
      failed: reason => {
        this.#connections.delete(tls)
        this.#tell({ type: 'tls-failed', tls, reason })
      },
    })
    this.#connections.set(tls, connection)
  }

  input(tls: TlsId, records: Uint8Array): void {
    this.#connections.get(tls)?.input(records)
  }

  write(tls: TlsId, plaintext: Uint8Array): void {
    this.#connections.get(tls)?.write(plaintext)
  }

  close(tls: TlsId): void {
    this.#connections.get(tls)?.close()
    this.#connections.delete(tls)
  }

  closeAll(): void {
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
  }
}
