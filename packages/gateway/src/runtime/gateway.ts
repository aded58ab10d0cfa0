import type { GatewayConfiguration, GatewayIdentity, Listener, SessionRecord } from '../configuration.ts'
import type { CertificateReader } from '../site/certificate-reader.ts'
import type { ConnectionRecord } from '../site/connection-record.ts'

/** A gateway that runs. */
export interface Gateway {
  /** What it listens on. */
  listeners(): readonly Listener[]
  /**
   * Runs with this configuration from now on. Sessions that the change does not concern stay; those
   * whose certificate is no longer good, or whose listener is gone, end within a second. Addresses and
   * routes change for sessions to come. Without any tunnel type all sessions end, and nothing is listened on. Errors:
   * as {@link startGateway}; then all is as before.
   */
  apply(configuration: GatewayConfiguration): Promise<void>
  /**
   * Shows another certificate from now on; its OpenVPN keys are as before. Sessions stay. Errors:
   * `ERR_TLS_SETTINGS` and those of X.509; then all is as before.
   */
  replaceIdentity(identity: GatewayIdentity): Promise<void>
  sessions(): readonly SessionRecord[]
  /** How its connections to sites stand. */
  connections(): readonly ConnectionRecord[]
  /** Ends a connection's sessions and begins anew. `false`: there is none with this id. */
  resetConnection(id: string): boolean
  /** Who reads outbound certificates from now on; at first, and with `undefined`, nobody. */
  readCertificatesBy(reader: CertificateReader | undefined): void
  /** Connections look at their certificates now, not at the next poll. */
  certificatesChanged(): void
  /** Ends a session and tells the client. `false`: there is none with this id. */
  disconnect(id: string): boolean
  /**
   * Tells all clients to connect anew, closes every listener with its connections, and opens it again. Errors:
   * `ERR_LISTENER`, when somebody else has taken a port meanwhile: nothing is listened on then until the next `apply` or
   * `reset`.
   */
  reset(): Promise<void>
  /** Tells the clients to come back later, closes all, and leaves the machine as it was. Idempotent. */
  stop(): Promise<void>
}
