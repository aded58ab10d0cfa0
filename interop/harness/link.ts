import { ipBatch, type Namespace } from './namespace.ts'
import { runOk } from './shell.ts'

/** One end of a cable: the interface's name and its addresses in CIDR form. */
export interface LinkEnd {
  readonly namespace: Namespace
  readonly device: string
  readonly addresses?: readonly string[]
}

/** Joins two namespaces by a veth pair and brings both ends up. */
export async function connect(a: LinkEnd, b: LinkEnd): Promise<void> {
  const [nameA, nameB] = [a.namespace.name, b.namespace.name]
  await runOk(
    'ip',
    `link add ${a.device} netns ${nameA} type veth peer name ${b.device} netns ${nameB}`.split(' '),
  )
  await bringUp(a)
  await bringUp(b)
}

/** A bridge that cables can be plugged into with `enslave`. */
export async function createBridge(end: LinkEnd): Promise<void> {
  await ipBatch(end.namespace, [`link add ${end.device} type bridge forward_delay 0 mcast_snooping 0`])
  await bringUp(end)
}

export async function enslave(namespace: Namespace, device: string, bridge: string): Promise<void> {
  await ipBatch(namespace, [`link set ${device} master ${bridge}`])
}

/** `nodad`: an IPv6 address serves at once instead of after a second of duplicate detection. */
export function addressLine(address: string, device: string): string {
  return `addr add ${address} dev ${device}${address.includes(':') ? ' nodad' : ''}`
}

async function bringUp(end: LinkEnd): Promise<void> {
  const addresses = (end.addresses ?? []).map(address => addressLine(address, end.device))
  await ipBatch(end.namespace, [...addresses, `link set ${end.device} up`])
}
