import type { GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import type { ConfigurationFault, ConnectionResource, GatewayNetwork } from '../arm/index.ts'
import type { SessionRecord } from '../configuration.ts'
import type { ProfilePackageRequest } from '../profile/index.ts'
import type { CertificateReader } from '../site/certificate-reader.ts'
import type { ConnectionRecord } from '../site/connection-record.ts'

export type { ConnectionPeer, ConnectionResource, GatewayNetwork } from '../arm/index.ts'

/** A gateway as it is managed: its resource, secrets and all, and its network. */
export interface GatewayResource {
  /** With `id`, `name` and `properties.resourceGuid`. */
  readonly resource: VirtualNetworkGateway
  /** Absent: the resource names no subnet, and the settings say what lies inside. */
  readonly network?: GatewayNetwork
}

/**
 * The gateway of this process, as the management plane sees it: there is one, or none. Changes are made in turn with
 * those of the operator's commands.
 */
export interface ManagedGateway {
  /** What is in force; `undefined`: there is no gateway. */
  present(): GatewayResource | undefined
  /** The settings in force, without secrets. */
  settings(): GatewaySettings
  /**
   * What is wrong with a gateway beyond its shape, together with the settings. Nothing is changed. Errors:
   * `CommandError` `InvalidParameter`, when its shape is wrong already.
   */
  check(next: GatewayResource): readonly ConfigurationFault[]
  /**
   * Runs with this gateway from now on, `undefined` with none, and stores it. Sessions that the change does not concern
   * stay. The resource's GUID is taken over, unless the gateway with this id has one already. Errors: `CommandError`
   * `InvalidParameter`; `Conflict` when the operator has changed the gateway and the listener of {@link onChanged} has
   * not answered yet, or while this waits for its turn: at once then, so that the listener may wait for whoever called;
   * `StoreError`, and those of `Gateway.apply`. Then all is as before.
   */
  apply(next: GatewayResource | undefined): Promise<void>
  /**
   * Who wants to know when a command of the operator has changed what is in force. Called within the command's turn
   * and awaited before it is answered; one listener. What it throws is logged, and the change, which is in force, is
   * told again with the next one or by {@link retryChanged}. `apply` within it is refused.
   */
  onChanged(listener: (() => Promise<void>) | undefined): void
  /** Tells the listener of {@link onChanged} what it has not answered yet, in turn. Not for within the listener. */
  retryChanged(): Promise<void>
  sessions(): readonly SessionRecord[]
  /** Ends a session and tells the client. `false`: there is none with this id. */
  disconnect(id: string): boolean
  /** Ends all sessions, and opens all listeners anew. Errors: those of `Gateway.reset`. */
  reset(): Promise<void>
  /** A profile package without a client's certificate: a zip. Errors: `CommandError` `Conflict` without P2S. */
  profilePackage(request: ProfilePackageRequest): Promise<Uint8Array>
  /** Those in force. None without a gateway. */
  connectionsInForce(): readonly ConnectionResource[]
  /**
   * What is wrong with a connection beyond its shape, together with the gateway in force and the settings: the SKU's
   * rules (`judgeConnection`), policies, selectors, address spaces, NAT rules, and the inbound chain as of now, unless it
   * is the one in force. Nothing is changed. A shared key that the resource does not tell is the one in force.
   */
  checkConnection(next: ConnectionResource): readonly ConfigurationFault[]
  /**
   * Runs with this connection from now on, and stores it; others and their sessions stay as they are. Errors: as
   * {@link apply}; also `Conflict` when the gateway in force is not the connection's.
   */
  applyConnection(next: ConnectionResource): Promise<void>
  /** Ends the connection with this id; without one it does nothing. Errors: as {@link apply}. */
  removeConnection(id: string): Promise<void>
  /** How the connections in force stand. */
  connections(): readonly ConnectionRecord[]
  /** Ends a connection's sessions and begins anew. `false`: there is none with this id. */
  resetConnection(id: string): boolean
  /** Who reads outbound certificates from now on; `undefined`: nobody can, for the moment. */
  readCertificatesBy(reader: CertificateReader | undefined): void
  /** A vault, or a right on one, has changed: connections look at their certificates now, not at the next poll. */
  certificatesChanged(): void
}
