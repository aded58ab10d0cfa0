import { formatIpAddress, formatIpPrefix, type IpAddress, type IpPrefix } from '@causeway/wire'
import { interfaceName } from './interface-name.ts'

/** An address on an interface, with the length of its network's prefix. */
export interface InterfaceAddress {
  readonly address: IpAddress
  readonly prefixLength: number
}

/** What an interface should have. */
export interface InterfaceState {
  readonly name: string
  readonly mtu: number
  readonly addresses: readonly InterfaceAddress[]
  /** Destinations that lie behind it. */
  readonly routes: readonly InterfaceRoute[]
}

export interface InterfaceRoute {
  readonly destination: IpPrefix
  /** Next hop; absent: the interface itself. */
  readonly via?: IpAddress
}

/**
 * Lines for `ip -batch` that bring an interface from one state to another: what is new comes before
 * what goes, so that nothing that stays is ever without its address.
 */
export function interfaceBatch(before: InterfaceState | undefined, after: InterfaceState): string {
  const name = interfaceName(after.name)
  const [had, has] = [batchLines(before, name), batchLines(after, name)]
  const up = before?.mtu === after.mtu ? [] : [`link set dev ${name} mtu ${after.mtu} up`]
  const added = has.filter(line => !had.includes(line)).map(line => line.replace(' ? ', ' replace '))
  const removed = had.filter(line => !has.includes(line)).map(removal)
  return [...up, ...added, ...removed].map(line => `${line}\n`).join('')
}

/** Adding and removing differ in the verb only, which `?` holds the place of. */
function batchLines(state: InterfaceState | undefined, name: string): string[] {
  if (!state) return []
  const addresses = state.addresses.map(({ address, prefixLength }) => {
    const text = `${formatIpAddress(address)}/${prefixLength}`
    // Without duplicate address detection: nobody else is on a TUN link, and it would delay the address.
    return `addr ? ${text} dev ${name}${address.family === 6 ? ' nodad' : ''}`
  })
  const routes = state.routes.map(({ destination, via }) => {
    const hop = via ? ` via ${formatIpAddress(via)}` : ''
    return `route ? ${formatIpPrefix(destination)}${hop} dev ${name}`
  })
  return [...addresses, ...routes]
}

function removal(line: string): string {
  return line.replace(' ? ', ' del ').replace(' nodad', '')
}
