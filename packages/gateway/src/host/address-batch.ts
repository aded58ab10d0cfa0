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
  const up = before?.mtu === after.mtu ? [] : [`link set dev ${name} mtu ${after.mtu} up`]
  const flushed = flushedOf(before, after)
  const lines = flushed
    ? [...removals(batchLines(flushed.taken, name)), ...changes(flushed.left, after, name)]
    : changes(before, after, name)
  return [...up, ...lines].map(line => `${line}\n`).join('')
}

function changes(before: InterfaceState | undefined, after: InterfaceState, name: string): string[] {
  const [had, has] = [batchLines(before, name), batchLines(after, name)]
  const added = has.filter(({ add }) => !had.some(line => line.add === add))
  const removed = had.filter(({ place }) => !has.some(line => line.place === place))
  return [...added.map(({ add }) => add), ...removals(removed)]
}

function removals(lines: readonly BatchLine[]): string[] {
  return lines.map(({ remove }) => remove)
}

/**
 * With an interface's last IPv4 address the kernel takes its IPv4 routes away, those of all tables: they are there no
 * more to be removed, and those that stay have to be made anew.
 */
function flushedOf(
  before: InterfaceState | undefined,
  after: InterfaceState,
): { readonly taken: InterfaceState; readonly left: InterfaceState } | undefined {
  if (!before || !hasIpv4(before) || hasIpv4(after)) return undefined
  const isIpv4 = ({ address }: InterfaceAddress): boolean => address.family === 4
  return {
    taken: { ...before, addresses: before.addresses.filter(isIpv4), routes: [] },
    left: {
      ...before,
      addresses: before.addresses.filter(address => !isIpv4(address)),
      routes: before.routes.filter(({ destination }) => destination.address.family === 6),
    },
  }
}

function hasIpv4({ addresses }: InterfaceState): boolean {
  return addresses.some(({ address }) => address.family === 4)
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
