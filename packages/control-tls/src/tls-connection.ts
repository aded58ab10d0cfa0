import { ControlTlsError } from './errors.ts'
import { type NativeConnection, type NativeContext, type NativeReport, native } from './native.ts'
import { tlsFailureReason } from './tls-failure.ts'

/** What TLS agreed. */
export interface TlsEstablished {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string
  /** The suite's standard (IANA) name. */
  readonly cipher: string
  /** DER, leaf first, as the peer sent it; nobody has judged it. Empty when it sent none. */
  readonly peerChain: readonly Uint8Array[]
  /** RFC 5705 keying material, in the order of `TlsSettings.exports`. */
  readonly exports: readonly Uint8Array[]
}

/**
 * What one step of a connection brought, to be acted on in the order of these fields. Byte arrays
 * belong to the caller.
 */
export interface TlsReport {
  /** Records for the peer; with a failure, the alert that tells it. */
  readonly records?: Uint8Array
  /** The handshake has ended well. Once. */
  readonly established?: TlsEstablished
  readonly plaintext?: Uint8Array
  /**
   * The handshake or the connection failed and is over: the reason in words, for the log. Holds
   * nothing that the peer wrote. At most once.
   */
  readonly failure?: string
}

/** One TLS connection in memory: records and plaintext in, reports out. After its end it does nothing. */
export interface TlsConnection {
  /** Begins the handshake. A server has nothing to say yet. */
  start(): TlsReport
  /** Records from the peer, in any pieces. They are not kept by reference. */
  input(records: Uint8Array): TlsReport
  /** Plaintext for the peer. Errors: `ERR_TLS_NOT_ESTABLISHED`. */
  write(plaintext: Uint8Array): TlsReport
  /** Tells the peer that nothing follows (close_notify). Before the handshake has ended there is nothing to tell. */
  end(): TlsReport
  /**
   * Gives the connection away, for an addon of this process that knows the object's tag, which takes it once. This
   * connection is then over. What nobody takes is freed with the object. Errors: `ERR_TLS_NOT_ESTABLISHED`, also
   * when the connection is over.
   */
  release(): object
  /** Lets go of everything at once; the peer is told nothing. Idempotent. */
  close(): void
}

/** @internal */
export function openConnection(context: NativeContext): TlsConnection {
  return new NativeTlsConnection(new native.Connection(context))
}

class NativeTlsConnection implements TlsConnection {
  readonly #native: NativeConnection

  constructor(connection: NativeConnection) {
    this.#native = connection
  }

  start(): TlsReport {
    return this.input(NOTHING)
  }

  input(records: Uint8Array): TlsReport {
    return report(this.#native.input(records))
  }

  write(plaintext: Uint8Array): TlsReport {
    const written = this.#native.write(plaintext)
    if (written === null)
      throw new ControlTlsError('ERR_TLS_NOT_ESTABLISHED', 'plaintext before the TLS handshake has ended')
    return report(written)
  }

  end(): TlsReport {
    return report(this.#native.end())
  }

  release(): object {
    const released = this.#native.release()
    if (released === null)
      throw new ControlTlsError(
        'ERR_TLS_NOT_ESTABLISHED',
        'there is no established TLS connection to give away',
      )
    return released
  }

  close(): void {
    this.#native.close()
  }
}

const NOTHING = new Uint8Array(0)
const SILENCE: TlsReport = {}

function report(step: NativeReport | undefined): TlsReport {
  if (step?.failure === undefined) return step ?? SILENCE
  return { ...step, failure: tlsFailureReason(step.failure) }
}
