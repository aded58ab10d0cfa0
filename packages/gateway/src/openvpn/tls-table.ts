import type { TlsConnection, TlsContext, TlsReport } from '@causeway/control-tls'
import type { OpenVpnCommand, TlsEstablished, TlsId } from '@causeway/openvpn'

/** The TLS connections of an engine, by the id that it gave them. */
export class TlsTable {
  readonly #connections = new Map<TlsId, TlsConnection>()
  readonly #tell: (command: OpenVpnCommand) => void

  /**
   * @param tell hands the engine what happens on a connection, before the call that caused it returns:
   * it must not be the engine that makes these calls.
   */
  constructor(tell: (command: OpenVpnCommand) => void) {
    this.#tell = tell
  }

  get size(): number {
    return this.#connections.size
  }

  start(tls: TlsId, context: TlsContext): void {
    const connection = context.open()
    this.#connections.set(tls, connection)
    this.#handle(tls, connection.start())
  }

  input(tls: TlsId, records: Uint8Array): void {
    const connection = this.#connections.get(tls)
    if (connection) this.#handle(tls, connection.input(records))
  }

  write(tls: TlsId, plaintext: Uint8Array): void {
    const connection = this.#connections.get(tls)
    if (connection) this.#handle(tls, connection.write(plaintext))
  }

  close(tls: TlsId): void {
    this.#connections.get(tls)?.close()
    this.#connections.delete(tls)
  }

  closeAll(): void {
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
  }

  #handle(tls: TlsId, { records, established, plaintext, failure }: TlsReport): void {
    if (records) this.#tell({ type: 'tls-output', tls, bytes: records })
    if (established) this.#tell({ type: 'tls-established', tls, established: agreed(established) })
    if (plaintext) this.#tell({ type: 'tls-plaintext', tls, bytes: plaintext })
    if (failure === undefined) return
    this.#connections.delete(tls)
    this.#tell({ type: 'tls-failed', tls, reason: failure })
  }
}

/** The exports come in the order in which the contexts of `tls/control-context.ts` ask for them. */
function agreed({
  exports: [dataKeyExport = NONE, dynamicTlsCryptExport = NONE],
  ...rest
}: NonNullable<TlsReport['established']>): TlsEstablished {
  return { ...rest, dataKeyExport, dynamicTlsCryptExport }
}

const NONE = new Uint8Array(0)
