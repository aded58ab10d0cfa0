import type { CryptoPort } from '@causeway/crypto'
import type { Instant, Outbox } from '@causeway/engine'
import { utf8Bytes } from '@causeway/wire'
import { type ControlMessage, formatControlMessage } from '../options/control-message.ts'
import type { OpenVpnOutput, OpenVpnRequest, SessionId, TlsId } from '../output.ts'
import type { Path } from '../path.ts'
import type { SessionEvent } from '../session-event.ts'

/** What an engine gives each of its sessions. */
export interface SessionHost {
  readonly crypto: CryptoPort
  readonly outbox: Outbox<OpenVpnOutput>
  /** Wall-clock time in seconds since 1970, for packet ids of tls-auth and tls-crypt. */
  unixSeconds(): number
  /** A TLS id whose commands go to this session until it is closed. */
  claimTls(session: SessionId): TlsId
  releaseTls(tls: TlsId): void
  /** Puts a request whose reply goes to this session. Gives its id. */
  ask(session: SessionId, request: OpenVpnRequest): number
  /** Forgets a request: a reply that still comes does nothing. */
  withdraw(requestId: number): void
  /** Counts a packet that was dropped. */
  drop(session: SessionId | undefined, reason: string, now: Instant): void
  /** The session goes by another path now. */
  moved(session: SessionId, from: Path): void
  /** The session has ended and is forgotten. */
  ended(session: SessionId): void
}

/** Has a control message encrypted for the peer, with its NUL. */
export function putMessage(host: SessionHost, tls: TlsId, message: ControlMessage): void {
  const bytes = utf8Bytes(`${formatControlMessage(message)}\0`)
  host.outbox.put({ type: 'tls-write', tls, bytes })
}

/** Puts an event about a session. */
export function putEvent(host: SessionHost, session: SessionId, event: SessionEvent): void {
  host.outbox.put({ type: 'event', session, event })
}

/** Has a text that is already a control message encrypted for the peer, with its NUL. */
export function putText(host: SessionHost, tls: TlsId, text: string): void {
  host.outbox.put({ type: 'tls-write', tls, bytes: utf8Bytes(`${text}\0`) })
}
