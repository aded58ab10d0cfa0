import { connect, createBridge, enslave } from './link.ts'
import {
  createNamespace,
  deleteNamespace,
  enableForwarding,
  ipBatch,
  type Namespace,
  nft,
} from './namespace.ts'
import { ADDRESSES, BRIDGE, type Topology } from './topology.ts'

/**
 * A site of somebody, plugged into the internet of a {@link Topology}.
 *
 *   host ── device ──────── br0 router ── gateway ── inside host
 *   host ── device ── nat ─┘
 *   10.101+n.0.0/24         10.77.1.0/24
 *   fd10:101+n::/64         fd77:1::/64
 */
export interface Site {
  readonly index: number
  readonly topology: Topology
  readonly host: Namespace
  /** Where the device's programs run; of a guest it is the switch that the guest is plugged into. */
  readonly device: Namespace
  readonly nat: Namespace | undefined
  /** The device's own address on the way out. */
  readonly address: string
  /** The device as the gateway sees it: behind NAT the router's address. */
  readonly publicAddress: string
  readonly publicAddress6: string
  readonly network: string
  readonly network6: string
  readonly hostAddress: string
  readonly hostAddress6: string
  /** The device's address in the site, with the length of the prefix. */
  readonly deviceInside: string
  readonly deviceInside6: string
  close(): void
}

export interface SiteOptions {
  /** The device is a guest, which is yet to be booted. */
  readonly isGuest?: boolean
  /** A router between that hides the device behind its own address. */
  readonly isBehindNat?: boolean
  /** It is behind the router of that site, too. */
  readonly sharesNatOf?: Site
}

/** The bridge of a guest's site. */
export const SITE_BRIDGE = 'site'

/** Of IPv4 and IPv6; outside and inside interfaces of a device, where it is no guest. */
const OUTSIDE = 'eth0'
const INSIDE = 'lan'

export async function createSite(
  topology: Topology,
  index: number,
  options: SiteOptions = {},
): Promise<Site> {
  const { isGuest = false, isBehindNat = false, sharesNatOf } = options
  const device = await createNamespace('d')
  const host = await createNamespace('h')
  const nat = isBehindNat ? await createNamespace('n') : sharesNatOf?.nat
  const site = describe(topology, index, { device, host, nat }, sharesNatOf)
  try {
    if (isGuest) await createBridge({ namespace: device, device: SITE_BRIDGE })
    else await enableForwarding(device)
    if (isBehindNat && nat) await openNat(site, nat)
    if (nat) await connectNat(site, nat, isGuest)
    else await plugIn(site, device, isGuest)
    await connectHost(site, isGuest)
  } catch (error) {
    site.close()
    throw error
  }
  return site
}

/** What a guest has to be booted with to be a site's device. */
export function guestPlace(site: Site): {
  readonly namespace: Namespace
  readonly bridge: string
  readonly addresses: readonly string[]
  readonly via: readonly string[]
} {
  const outside = site.nat ? [`${site.address}/24`] : [`${site.address}/24`, `${site.publicAddress6}/64`]
  return {
    namespace: site.device,
    bridge: SITE_BRIDGE,
    addresses: [...outside, site.deviceInside, site.deviceInside6],
    via: site.nat ? [natInside(site.index)] : [ADDRESSES.router, ADDRESSES.router6],
  }
}

/** Nothing passes between a site and the gateway until it is mended. */
export async function cut({ topology, publicAddress, publicAddress6, index }: Site): Promise<void> {
  const drops = [
    ...['saddr', 'daddr'].map(side => `ip ${side} ${publicAddress} drop;`),
    ...['saddr', 'daddr'].map(side => `ip6 ${side} ${publicAddress6} drop;`),
  ]
  await nft(
    topology.router,
    `table inet cut${index} {
      chain forward { type filter hook forward priority 0; ${drops.join(' ')} }
    }`,
  )
}

export async function mend({ topology, index }: Site): Promise<void> {
  await nft(topology.router, `delete table inet cut${index}`)
}

function describe(
  topology: Topology,
  index: number,
  made: Pick<Site, 'device' | 'host' | 'nat'>,
  sharesNatOf: Site | undefined,
): Site {
  const [net, net6] = [`10.${101 + index}.0`, `fd10:${101 + index}:`]
  const publicAddress = sharesNatOf?.publicAddress ?? `10.77.1.${120 + index}`
  const ownNat = sharesNatOf ? undefined : made.nat
  const spaces = [made.host, made.device, ...(ownNat ? [ownNat] : [])]
  return {
    ...made,
    index,
    topology,
    address: made.nat ? `192.168.${100 + index}.2` : publicAddress,
    publicAddress,
    publicAddress6: sharesNatOf?.publicAddress6 ?? `fd77:1::${120 + index}`,
    network: `${net}.0/24`,
    network6: `${net6}:/64`,
    hostAddress: `${net}.10`,
    hostAddress6: `${net6}:10`,
    deviceInside: `${net}.1/24`,
    deviceInside6: `${net6}:1/64`,
    close: () => spaces.forEach(deleteNamespace),
  }
}

function natInside(index: number): string {
  return `192.168.${100 + index}.1`
}

/** Plugs a namespace into the router's bridge, with the site's public addresses. */
async function plugIn(site: Site, namespace: Namespace, isBridged: boolean): Promise<void> {
  const { topology, index, publicAddress, publicAddress6 } = site
  const addresses = isBridged ? [] : [`${publicAddress}/24`, `${publicAddress6}/64`]
  await connect(
    { namespace: topology.router, device: `s${index}` },
    { namespace, device: OUTSIDE, addresses },
  )
  await enslave(topology.router, `s${index}`, BRIDGE)
  if (isBridged) return enslave(namespace, OUTSIDE, SITE_BRIDGE)
  const { router: via, router6: via6 } = ADDRESSES
  await ipBatch(namespace, [`route add default via ${via}`, `route add default via ${via6}`])
}

async function openNat(site: Site, nat: Namespace): Promise<void> {
  await enableForwarding(nat)
  await plugIn(site, nat, false)
  await nft(
    nat,
    `table ip nat {
      chain post { type nat hook postrouting priority srcnat; oifname "${OUTSIDE}" masquerade random; }
    }`,
  )
}

async function connectNat(site: Site, nat: Namespace, isGuest: boolean): Promise<void> {
  const inside = natInside(site.index)
  await connect(
    { namespace: nat, device: `lan${site.index}`, addresses: [`${inside}/24`] },
    { namespace: site.device, device: OUTSIDE, addresses: isGuest ? [] : [`${site.address}/24`] },
  )
  if (isGuest) await enslave(site.device, OUTSIDE, SITE_BRIDGE)
  else await ipBatch(site.device, [`route add default via ${inside}`])
}

/** The router in between passes what comes for IKE and ESP in UDP on to the device. */
export async function forwardIke({ nat, address }: Site): Promise<void> {
  if (!nat) throw new Error('there is no NAT')
  await nft(
    nat,
    `table ip forwarded {
      chain pre {
        type nat hook prerouting priority dstnat;
        iifname "${OUTSIDE}" udp dport { 500, 4500 } dnat to ${address}
      }
    }`,
  )
}

async function connectHost(site: Site, isGuest: boolean): Promise<void> {
  const { deviceInside, deviceInside6, hostAddress, hostAddress6 } = site
  const near = isGuest ? [] : [deviceInside, deviceInside6]
  await connect(
    { namespace: site.device, device: INSIDE, addresses: near },
    { namespace: site.host, device: INSIDE, addresses: [`${hostAddress}/24`, `${hostAddress6}/64`] },
  )
  if (isGuest) await enslave(site.device, INSIDE, SITE_BRIDGE)
  const [via, via6] = [deviceInside, deviceInside6].map(address => address.replace(/\/\d+$/, ''))
  await ipBatch(site.host, [`route add default via ${via}`, `route add default via ${via6}`])
}
