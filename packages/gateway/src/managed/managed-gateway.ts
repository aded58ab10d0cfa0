import type { GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import type { ConfigurationFault } from '../arm/index.ts'
import type { SessionRecord } from '../configuration.ts'
import type { ProfilePackageRequest } from '../profile/index.ts'

/** The network that a gateway is in: what its clients reach, where its resource names a subnet. */
export interface GatewayNetwork {
  /** Address space of the virtual network, CIDR. Takes the place of the settings' `insidePrefixes`. */
  readonly addressPrefixes: readonly string[]
  /** Those of its `dhcpOptions`. Clients get them where the settings name none. */
  readonly dnsServers: readonly string[]
}

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
  /** What is wrong with a gateway beyond its shape, together with the settings. Nothing is changed. */
  check(next: GatewayResource): readonly ConfigurationFault[]
  /**
   * Runs with this gateway from now on, `undefined` with none, and stores it. Sessions that the change does not concern
   * stay. Errors: `CommandError` `InvalidParameter`; `Conflict` when the operator has changed the gateway and
   * {@link onChanged} has not answered yet; `StoreError`, and those of `Gateway.apply`. Then all is as before.
   */
  apply(next: GatewayResource | undefined): Promise<void>
  /**
   * Who wants to know when a command of the operator has changed what is in force. Called within the command's turn
   * and awaited before it is answered; one listener.
   */
  onChanged(listener: (() => Promise<void>) | undefined): void
  sessions(): readonly SessionRecord[]
  /** Ends a session and tells the client. `false`: there is none with this id. */
  disconnect(id: string): boolean
  /** Ends all sessions, and opens all listeners anew. */
  reset(): Promise<void>
  /** A profile package without a client's certificate: a zip. Errors: `CommandError` `Conflict` without P2S. */
  profilePackage(request: ProfilePackageRequest): Promise<Uint8Array>
}
