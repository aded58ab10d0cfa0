import type { Instant } from '@causeway/engine'
import type { SessionHost } from '../session/host.ts'
import type { OpenVpnServerOptions } from './server-options.ts'
import type { ServerSession } from './server-session.ts'

/** What the server engine gives each of its sessions. */
export interface ServerHost extends SessionHost {
  readonly options: OpenVpnServerOptions
  readonly handshakeMs: number
  /** A peer-id that no session has; `undefined` when all are in use. */
  takePeerId(): number | undefined
  giveBackPeerId(peerId: number): void
  /** The session is authenticated: others from its path end, and it is half-open no more. */
  established(session: ServerSession, now: Instant): void
}
