import type { TlsEstablished } from '@causeway/openvpn'

/**
 * One TLS connection in memory: records in and out, no socket. What it tells goes to a
 * {@link TlsObserver}, never during a call made on the connection from inside the observer's own
 * callbacks' caller.
 */
export interface TlsConnection {
  /** Records from the peer. The bytes are kept until they are read. */
  input(records: Uint8Array): void
  /** Plaintext for the peer. */
  write(plaintext: Uint8Array): void
  /** Lets go of everything at once; nothing is told after it. Idempotent. */
  close(): void
}

/** Who hears from a TLS connection. Byte arrays belong to the observer. */
export interface TlsObserver {
  /** Records for the peer. */
  output(records: Uint8Array): void
  /** The handshake has ended well. Told once, before any plaintext. */
  established(established: TlsEstablished): void
  plaintext(bytes: Uint8Array): void
  /** The handshake or the connection failed; the reason is in words, for the log. Told at most once. */
  failed(reason: string): void
}

/** Begins a handshake in one role with one set of credentials. */
export type OpenTls = (observer: TlsObserver) => TlsConnection
