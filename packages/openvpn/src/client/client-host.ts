import type { Path } from '../path.ts'
import type { SessionHost } from '../session/host.ts'
import type { OpenVpnClientOptions } from './client-options.ts'
import type { ClientSession } from './client-session.ts'

/** What the client engine gives each of its sessions. */
export interface ClientHost extends SessionHost {
  readonly options: OpenVpnClientOptions
  moved(session: ClientSession, from: Path): void
  /** The session has ended and is forgotten. */
  ended(session: ClientSession): void
}
