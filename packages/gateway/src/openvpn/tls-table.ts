import type { TlsConnection, TlsContext, TlsReport } from '@causeway/control-tls'
import type { OpenVpnCommand, SessionId, TlsEstablished, TlsId } from '@causeway/openvpn'

interface OpenTls {
  readonly connection: TlsConnection
  readonly session: SessionId
}

/** What a session's connections share, as long as there is one: an old one stays until its successor is established. */
interface SessionTls {
  readonly context: TlsContext
  connections: number
}

/**
 * The TLS connections of an engine, by the id that it gave them. A session renegotiates in the context that it began
 * with: its profile may trust no other certificate.
 */
export class TlsTable {
  readonly #open = new Map<TlsId, OpenTls>()
  readonly #sessions = new Map<SessionId, SessionTls>()
  readonly #tell: (command: OpenVpnCommand) => void

  /**
   * @param tell hands the engine what happens on a connection, before the call that caused it returns:
   * it must not be the engine that makes these calls.
   */
  constructor(tell: (command: OpenVpnCommand) => void) {
    this.#tell = tell
  }

  get size(): number {
    return this.#open.size
  }

  /** @param present the context of a session that begins. */
  start(session: SessionId, tls: TlsId, present: () => TlsContext): void {
    const shared = this.#sessions.get(session) ?? { context: present(), connections: 0 }
    const connection = shared.context.open()
    shared.connections++
    this.#sessions.set(session, shared)
    this.#open.set(tls, { connection, session })
    this.#handle(tls, connection.start())
  }

  input(tls: TlsId, records: Uint8Array): void {
    const open = this.#open.get(tls)
    if (open) this.#handle(tls, open.connection.input(records))
  }

  write(tls: TlsId, plaintext: Uint8Array): void {
    const open = this.#open.get(tls)
    if (open) this.#handle(tls, open.connection.write(plaintext))
  }

  close(tls: TlsId): void {
    this.#open.get(tls)?.connection.close()
    this.#forget(tls)
  }

  closeAll(): void {
    for (const { connection } of this.#open.values()) connection.close()
    this.#open.clear()
    this.#sessions.clear()
  }

  #forget(tls: TlsId): void {
    const open = this.#open.get(tls)
    const shared = open && this.#sessions.get(open.session)
    if (!shared) return
    this.#open.delete(tls)
    shared.connections--
    if (shared.connections === 0) this.#sessions.delete(open.session)
  }

  #handle(tls: TlsId, { records, established, plaintext, failure }: TlsReport): void {
    if (records) this.#tell({ type: 'tls-output', tls, bytes: records })
    if (established) this.#tell({ type: 'tls-established', tls, established: agreed(established) })
    if (plaintext) this.#tell({ type: 'tls-plaintext', tls, bytes: plaintext })
    if (failure === undefined) return
    this.#forget(tls)
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
