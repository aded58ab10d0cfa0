import { addressBits, ipAddressToInteger } from '@causeway/wire'
import type { NatAddresses, NatRule, NatRules } from './nat-rules.ts'

/** An address as a number, with the port behind it; of an ICMP query its identifier, of other protocols 0. */
export interface NatEnd {
  readonly address: bigint
  readonly port: number
}

/** A range of ends of one family. */
export interface NatRange {
  readonly first: bigint
  readonly last: bigint
  /** Absent: all. */
  readonly ports?: { readonly first: number; readonly last: number }
}

/** A rule as packets are held against it. */
export interface MemoryNatRule {
  readonly isDynamic: boolean
  readonly family: 4 | 6
  readonly internal: NatRange
  readonly external: NatRange
  /** The same for as long as the rule is. */
  readonly id: string
}

export interface MemoryNatRules {
  readonly egress: readonly MemoryNatRule[]
  readonly ingress: readonly MemoryNatRule[]
}

/** Rules that were checked. */
export function memoryNatRules({ egress, ingress }: NatRules): MemoryNatRules {
  return {
    egress: egress.map(rule => readRule('egress', rule)),
    ingress: ingress.map(rule => readRule('ingress', rule)),
  }
}

/** Addresses decide, of every packet. */
export function isPlain({ isDynamic, internal }: MemoryNatRule): boolean {
  return !isDynamic && internal.ports === undefined
}

export function holdsAddress({ first, last }: NatRange, address: bigint): boolean {
  return address >= first && address <= last
}

export function holdsPort({ ports }: NatRange, port: number): boolean {
  return ports === undefined || (port >= ports.first && port <= ports.last)
}

/** Where a static rule has an end on its other side. */
export function movedEnd({ address, port }: NatEnd, from: NatRange, to: NatRange): NatEnd {
  const isPorted = from.ports !== undefined && to.ports !== undefined
  return {
    address: to.first + (address - from.first),
    port: isPorted ? to.ports.first + (port - from.ports.first) : port,
  }
}

function readRule(side: string, { type, internal, external }: NatRule): MemoryNatRule {
  const [inner, outer] = [readRange(internal), readRange(external)]
  const { family } = internal.prefix.address
  const id = [side, type, family, ...[inner, outer].map(rangeText)].join(' ')
  return { isDynamic: type === 'dynamic', family, internal: inner, external: outer, id }
}

function readRange({ prefix, ports }: NatAddresses): NatRange {
  const first = ipAddressToInteger(prefix.address)
  const hosts = 1n << BigInt(addressBits(prefix.address.family) - prefix.length)
  return { first, last: first + hosts - 1n, ...(ports && { ports }) }
}

function rangeText({ first, last, ports }: NatRange): string {
  return `${first}-${last}:${ports ? `${ports.first}-${ports.last}` : ''}`
}
