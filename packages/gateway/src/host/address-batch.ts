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
  /** Address of the machine that its own traffic comes from; absent: as the kernel chooses. */
  readonly source?: IpAddress
  /** Absent: the main one. */
  readonly table?: number
  /**
   * Routes of the machine to exactly this destination stay: this one goes before them, and they hold again when it is
   * gone, even if nobody takes it away. Absent: it takes their place.
   */
  readonly isBefore?: boolean
}

/**
 * Lines for `ip -batch` that bring an interface from one state to another: what is new comes before
 * what goes, so that nothing that stays is ever without its address.
 */
export function interfaceBatch(before: InterfaceState | undefined, after: InterfaceState): string {
  const name = interfaceName(after.name)
  const [had, has] = [batchLines(before, name), batchLines(after, name)]
  const up = before?.mtu === after.mtu ? [] : [`link set dev ${name} mtu ${after.mtu} up`]
  const added = has.filter(({ add }) => !had.some(line => line.add === add))
  const removed = had.filter(({ place }) => !has.some(line => line.place === place))
  return [...up, ...added.map(({ add }) => add), ...removed.map(({ remove }) => remove)]
    .map(line => `${line}\n`)
    .join('')
}

interface BatchLine {
  readonly add: string
  readonly remove: string
  /** What adding another line of the same place replaces. */
  readonly place: string
}

function batchLines(state: InterfaceState | undefined, name: string): BatchLine[] {
  if (!state) return []
  const addresses = state.addresses.map(({ address, prefixLength }) => {
    const place = `addr ? ${formatIpAddress(address)}/${prefixLength} dev ${name}`
    // Without duplicate address detection: nobody else is on a TUN link, and it would delay the address.
    const add = `${place.replace('?', 'replace')}${address.family === 6 ? ' nodad' : ''}`
    return { add, remove: place.replace('?', 'del'), place }
  })
  return [...addresses, ...state.routes.map(route => routeLine(route, name))]
}

function routeLine({ destination, via, source, table, isBefore }: InterfaceRoute, name: string): BatchLine {
  const { family } = destination.address
  const hop = via ? ` via ${formatIpAddress(via)}` : ''
  const tail = table === undefined ? '' : ` table ${table}`
  const metric = isBefore && family === 6 ? ` metric ${FIRST_METRIC}` : ''
  const place = `route ? ${formatIpPrefix(destination)}${hop} dev ${name}${metric}${tail}`
  const whole = source ? `${place} src ${formatIpAddress(source)}` : place
  // IPv4 puts routes of one metric in an order and tells them apart by source; IPv6 does neither.
  const isPrepended = isBefore === true && family === 4
  const add = whole.replace('?', isPrepended ? 'prepend' : 'replace')
  return isPrepended
    ? { add, remove: whole.replace('?', 'del'), place: whole }
    : { add, remove: place.replace('?', 'del'), place }
}

/** The kernel gives routes 1024, and those of its own addresses 256. */
const FIRST_METRIC = 1
