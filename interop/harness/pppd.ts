/** One end of a `pppd` that signs in by EAP-TLS; paths are where `pppd` runs. */
export interface PppdPeer {
  /** What it calls itself in EAP-Identity. */
  readonly name: string
  /** The common name that the other end's certificate has to have. */
  readonly remoteName: string
  /** Roots to trust, and what to sign in with. */
  readonly authority: string
  readonly certificate: string
  readonly key: string
  /** The network device to make. */
  readonly device: string
  readonly log: string
  /** Further options. */
  readonly lines?: readonly string[]
}

/** A file for /etc/ppp/peers: asks for any address and for DNS servers, of both IP versions. */
export function formatPeer(peer: PppdPeer): string {
  const lines = [
    `name ${peer.name}`,
    `remotename ${peer.remoteName}`,
    `ca ${peer.authority}`,
    `cert ${peer.certificate}`,
    `key ${peer.key}`,
    'need-peer-eap',
    ...['pap', 'chap', 'mschap', 'mschap-v2'].map(method => `refuse-${method}`),
    'noauth', // the other end is known by TLS and by its certificate in EAP-TLS
    'noipdefault',
    'usepeerdns',
    '+ipv6',
    'nodetach',
    ...(peer.lines ?? []),
  ]
  return `${lines.join('\n')}\n${formatLocal(peer.device, peer.log)}`
}

/** Options for what only this end sees: its device, which also names its pid file, and a log of every packet. */
export function formatLocal(device: string, log: string): string {
  return `ifname ${device}\nlinkname ${device}\ndebug\nlogfile ${log}\n`
}

/** What LCP and IPCP brought. */
export interface PppdLease {
  readonly address: string
  readonly gateway: string
  readonly dnsServers: readonly string[]
  /** The largest packet that the other end takes. */
  readonly peerMru: number
}

/** RFC 1661 §6.1: where none is agreed on. */
const DEFAULT_MRU = 1500

/** Reads the log of a `pppd` whose link is up. Errors: IPCP has brought no address. */
export function readLease(log: string): PppdLease {
  const only = (pattern: RegExp): string | undefined => log.match(pattern)?.[1]
  const address = only(/^local {2}IP address (\S+)$/m)
  const gateway = only(/^remote IP address (\S+)$/m)
  if (address === undefined || gateway === undefined) throw new Error(`pppd: no address\n${log}`)
  const dnsServers = [...log.matchAll(/^(?:primary|secondary) +DNS address (\S+)$/gm)].map(m => m[1] ?? '')
  const mru = only(/^sent \[LCP ConfAck .*<mru (\d+)>/m)
  return {
    address,
    gateway,
    dnsServers,
    peerMru: mru === undefined ? DEFAULT_MRU : Number(mru),
  }
}
