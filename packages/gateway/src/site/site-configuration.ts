import type { EspSuite, IkeSuite } from '@causeway/ikev2'
import type { ConnectionMode, RemotePlace } from '@causeway/site-to-site'
import type { IpAddress, IpPrefix, TrafficSelector } from '@causeway/wire'
import type { RevocationMode } from '@causeway/x509'

/** What a gateway has of sites: its connections (`Microsoft.Network/connections`), complete and checked. */
export interface SitesConfiguration {
  readonly connections: readonly SiteConnection[]
  /** Between clients and sites, both ways. Azure has it where routes are learned by BGP. */
  readonly clientTransit: boolean
  /** From one site to another, both ways. */
  readonly siteTransit: boolean
}

/** A gateway that has no connections. */
export const NO_SITES: SitesConfiguration = { connections: [], clientTransit: false, siteTransit: false }

/** One connection to a site, or to another gateway. */
export interface SiteConnection {
  /** The resource's id, lower case: what it is known by. */
  readonly id: string
  /** Resource name, for logs. */
  readonly name: string
  /** Of its resource, for logs. */
  readonly resourceGroup?: string
  readonly mode: ConnectionMode
  readonly remote: RemotePlace
  /** One, or two where the gateway is active-active. */
  readonly tunnels: readonly SiteTunnel[]
  readonly authentication: SiteAuthentication
  /** In order of preference, for who begins and for who is asked. */
  readonly ikeSuites: BothRoles<readonly IkeSuite[]>
  readonly espSuites: BothRoles<readonly EspSuite[]>
  readonly ikeLifetimeSeconds: number
  readonly childLifetimeSeconds: number
  /** 0: by the cipher's own limit only. */
  readonly childLifetimeKilobytes: number
  /** A silent peer is asked for a sign of life after so long. */
  readonly dpdSeconds: number
  /**
   * What we propose when we begin, a Child SA for each. As responder whatever the peer proposes is taken (Azure); only
   * what {@link remotePrefixes} and {@link localPrefixes} hold gets a route in either case.
   */
  readonly selectors: readonly SelectorPair[]
  /** Behind the other side, as it calls them: what is sent there, and who may send from there. */
  readonly remotePrefixes: readonly IpPrefix[]
  /** Inside networks that the other side reaches: the address space of the gateway's network. */
  readonly localPrefixes: readonly IpPrefix[]
  /** `routingWeight`: of several connections with the same prefix the highest carries. */
  readonly routingWeight: number
  /** `gatewayDefaultSite`: everything without a longer route goes there (forced tunnelling). */
  readonly isDefaultSite: boolean
  readonly nat: SiteNat
  /** What the operator should know of it: a small SKU, BGP that is not run. */
  readonly notes?: readonly string[]
}

/** What is one thing for who begins, and another for who is asked. */
export interface BothRoles<Value> {
  readonly initiator: Value
  readonly responder: Value
}

export interface SiteTunnel {
  /** ARM's `tunnel`: the connection's name and our public address. */
  readonly name: string
  /** Our address by which the peer knows us: with a PSK it is our identity. Absent: whichever the route to the peer has. */
  readonly publicAddress?: IpAddress
}

export type SiteAuthentication =
  | { readonly type: 'psk'; readonly secret: Uint8Array }
  | {
      readonly type: 'certificate'
      /** Key Vault identifier of the outbound certificate. */
      readonly outbound: string
      /** Name that the peer's certificate must have. */
      readonly inboundSubject: string
      /** Base64, as configured; judged when used, for certificates expire. */
      readonly inboundChain: readonly string[]
      readonly revocation: RevocationMode
    }

/** A Child SA's traffic, as we see it. */
export interface SelectorPair {
  readonly local: readonly TrafficSelector[]
  readonly remote: readonly TrafficSelector[]
}

/** NAT rules of a connection, in order: the first that fits translates. */
export interface SiteNat {
  /** `EgressSnat`: our inside networks are known to the other side by other addresses. */
  readonly egress: readonly SiteNatRule[]
  /** `IngressSnat`: the other side's networks are known inside by other addresses. */
  readonly ingress: readonly SiteNatRule[]
}

export interface SiteNatRule {
  readonly name: string
  /** `static`: address for address, prefixes of one length. `dynamic`: many behind few, by port. */
  readonly type: 'static' | 'dynamic'
  /** As they really are. */
  readonly internal: SiteNatAddresses
  /** As the other side of the translation knows them. */
  readonly external: SiteNatAddresses
}

export interface SiteNatAddresses {
  readonly prefix: IpPrefix
  /** Absent: all. */
  readonly ports?: { readonly first: number; readonly last: number }
}
