/** The network that a gateway is in: what its clients reach, where its resource names a subnet. */
export interface GatewayNetwork {
  /** Address space of the virtual network, CIDR. Takes the place of the settings' `insidePrefixes`. */
  readonly addressPrefixes: readonly string[]
  /** Those of its `dhcpOptions`. Clients get them where the settings name none. */
  readonly dnsServers: readonly string[]
  /** Of its public IP addresses, in the order of its IP configurations; absent: it has none, or their addresses are not known. */
  readonly publicAddresses?: readonly string[]
}
