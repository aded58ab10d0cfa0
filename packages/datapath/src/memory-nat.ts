import { type InnerPacket, ipVersion, readInnerHeader } from './memory-inner-packet.ts'
import { type NatPacket, readNatPacket, writeNatPacket } from './memory-nat-packet.ts'
import {
  holdsAddress,
  holdsPort,
  isPlain,
  type MemoryNatRule,
  type MemoryNatRules,
  memoryNatRules,
  movedEnd,
  type NatEnd,
  type NatRange,
} from './memory-nat-rules.ts'
import { MemoryNatSessions, type NatSide, type NatUse } from './memory-nat-sessions.ts'
import type { NatRules } from './nat-rules.ts'

/** Which way a packet goes: out to the peer, or in from it. */
export type NatDirection = 'out' | 'in'

const ICMP_HEADER = 8
/** RFC 791 §3.2: reassembly waits 15 seconds. */
const FRAGMENT_MILLISECONDS = 15_000
/** Ours. */
const MOST_FRAGMENTS = 1024

/** How a rule has an end. `unknown`: it is to have it, but cannot tell. */
type Fit = 'no' | 'yes' | 'unknown'

/** One packet on its way through. */
interface Passage {
  readonly direction: NatDirection
  readonly now: number
  /** False for a quotation. */
  readonly isOwn: boolean
}

/** What became of both addresses of a packet's first fragment. */
interface FragmentEntry {
  readonly source: bigint
  readonly destination: bigint
  readonly at: number
}

/** Translates inner packets of the flows that share it. */
export class MemoryNat {
  #rules: MemoryNatRules
  readonly #sessions: MemoryNatSessions
  readonly #fragments = new Map<string, FragmentEntry>()

  constructor(rules: NatRules, mostSessions?: number) {
    this.#rules = memoryNatRules(rules)
    this.#sessions = new MemoryNatSessions(mostSessions)
  }

  get sessions(): number {
    return this.#sessions.size
  }

  /** Other rules; sessions of those that stay go on. */
  change(rules: NatRules): void {
    this.#rules = memoryNatRules(rules)
    this.#sessions.keep(this.#rules)
  }

  /** The packet as it is on the other side; `undefined`: it is to be dropped. */
  translate(inner: InnerPacket, direction: NatDirection, now: number): InnerPacket | undefined {
    const before = readNatPacket(inner.bytes)
    if (before.segmentsLeft) return undefined
    const passage = { direction, now, isOwn: true }
    if (before.kind === 'report') return this.#translateReport(inner, before, passage)
    const after = before.isLater ? this.#resolveLater(before, passage) : this.#resolve(before, passage)
    if (!after) return undefined
    if (sameEnds(before, after)) return inner
    const bytes = writeNatPacket(inner.bytes, before, after)
    if (!bytes) return undefined
    if (before.fragment !== undefined && !before.isLater) this.#remember(before, after, passage)
    return readInnerHeader(bytes)
  }

  /** By what its packet's first fragment has become, or by its addresses where these decide. */
  #resolveLater(before: NatPacket, passage: Passage): NatPacket | undefined {
    const first = this.#fragments.get(fragmentText(before, passage))
    if (!first || passage.now - first.at > FRAGMENT_MILLISECONDS)
      return this.#resolve(before, { ...passage, isOwn: false })
    const [source, destination] = [first.source, first.destination]
    return { ...before, source: { address: source, port: 0 }, destination: { address: destination, port: 0 } }
  }

  #remember(before: NatPacket, after: NatPacket, passage: Passage): void {
    const key = fragmentText(before, passage)
    this.#fragments.delete(key)
    const entry = { source: after.source.address, destination: after.destination.address, at: passage.now }
    this.#fragments.set(key, entry)
    const [oldest] = this.#fragments.keys()
    if (this.#fragments.size > MOST_FRAGMENTS && oldest !== undefined) this.#fragments.delete(oldest)
  }

  /**
   * An ICMP error (RFC 5508 §4): what it quotes went the other way, so that it is translated as its answer would be,
   * and what becomes of that says whose the error is. Its own sender may be any router.
   */
  #translateReport(inner: InnerPacket, outer: NatPacket, passage: Passage): InnerPacket | undefined {
    const at = (outer.offset ?? 0) + ICMP_HEADER
    const quoted = at <= inner.bytes.length ? readInnerHeader(inner.bytes.subarray(at)) : undefined
    if (!quoted || ipVersion(quoted.bytes) !== ipVersion(inner.bytes)) return undefined
    const before = readNatPacket(quoted.bytes)
    if (before.source.address !== outer.destination.address || before.segmentsLeft) return undefined
    const answer = this.#resolve(reversed(before), { ...passage, isOwn: false })
    if (!answer) return undefined
    const after = reversed(answer)
    const translated = writeNatPacket(quoted.bytes, before, after, 'cut')
    if (!translated) return undefined
    const whole = inner.bytes.slice()
    whole.set(translated, at)
    const isPeer = outer.source.address === before.destination.address
    const source = { address: this.#reporter(outer, isPeer ? after : undefined, passage), port: 0 }
    const destination = { address: after.source.address, port: 0 }
    const bytes = writeNatPacket(
      whole,
      outer,
      { ...outer, source, destination },
      {
        before: inner.bytes.subarray(at),
        after: whole.subarray(at),
      },
    )
    return bytes && readInnerHeader(bytes)
  }

  /** A host that is known by some ports, or by any, has no address of its own to speak from. */
  #reporter({ family, source }: NatPacket, quoted: NatPacket | undefined, passage: Passage): bigint {
    const rule = this.#ofSource(passage).find(
      ({ family: own, internal }) => own === family && holdsAddress(internal, source.address),
    )
    if (!rule) return source.address
    if (isPlain(rule)) return movedEnd(source, rule.internal, rule.external).address
    return quoted?.destination.address ?? rule.external.first
  }

  /** Both ends: the destination first, for the source is known to that. `undefined`: to be dropped. */
  #resolve(packet: NatPacket, passage: Passage): NatPacket | undefined {
    const isEcho = packet.kind === 'echo'
    const withoutIdentifier = (end: NatEnd) => (isEcho ? { ...end, port: 0 } : end)
    const destination = this.#toInternal(packet, withoutIdentifier(packet.source), passage)
    if (!destination) return undefined
    const asked = isEcho ? { ...packet.source, port: destination.port } : packet.source
    const known = { ...packet, source: asked, destination }
    const source = this.#toExternal(known, withoutIdentifier(destination), passage)
    if (!source) return undefined
    return { ...known, source, destination: isEcho ? { ...destination, port: source.port } : destination }
  }

  #toInternal(packet: NatPacket, far: NatEnd, passage: Passage): NatEnd | undefined {
    const { family, protocol, destination: end } = packet
    const side = passage.direction === 'out' ? 'ingress' : 'egress'
    let isDropped = false
    for (const rule of this.#rules[side]) {
      if (rule.family !== family) continue
      const fit = fitOf(rule, rule.external, packet, end)
      if (fit === 'yes' && !rule.isDynamic) return movedEnd(end, rule.external, rule.internal)
      const found =
        fit === 'yes'
          ? this.#sessions.toInternal({ side, family, protocol, end, far }, useOf(packet, passage))
          : undefined
      if (found) return found
      // All ports of a pool are the rule's; and who is translated is not there under the internal address.
      const isOfPool = rule.isDynamic && holdsAddress(rule.external, end.address)
      if (fit !== 'no' || isOfPool || isInternalAlone(rule, end)) isDropped = true
    }
    return isDropped ? undefined : end
  }

  #toExternal(packet: NatPacket, far: NatEnd, passage: Passage): NatEnd | undefined {
    const { family, protocol, source: end } = packet
    const side: NatSide = passage.direction === 'out' ? 'egress' : 'ingress'
    const rules = this.#rules[side]
    let isDropped = false
    for (const rule of rules) {
      if (rule.family !== family) continue
      const fit = fitOf(rule, rule.internal, packet, end)
      if (fit === 'yes' && !rule.isDynamic) return movedEnd(end, rule.internal, rule.external)
      const begin = passage.isOwn && packet.begins ? { rule, rules } : undefined
      const found =
        fit === 'yes'
          ? this.#sessions.toExternal({ side, family, protocol, end, far }, useOf(packet, passage), begin)
          : undefined
      if (found) return found
      // Nor has anybody else the external address: answers would go to whoever it stands for.
      if (fit !== 'no' || isExternalAlone(rule, end)) isDropped = true
    }
    return isDropped ? undefined : end
  }

  #ofSource({ direction }: Passage): readonly MemoryNatRule[] {
    return direction === 'out' ? this.#rules.egress : this.#rules.ingress
  }
}

/** Identifiers are no ports: what is for some ports alone is for none of them. */
function fitOf({ isDynamic }: MemoryNatRule, range: NatRange, { kind }: NatPacket, end: NatEnd): Fit {
  if (!holdsAddress(range, end.address)) return 'no'
  if (kind === 'hidden') return isDynamic || range.ports ? 'unknown' : 'yes'
  const hasPorts = kind === 'ports' || kind === 'echo'
  if (isDynamic && !hasPorts) return 'unknown'
  if (!range.ports) return 'yes'
  if (kind === 'echo') return isDynamic ? 'yes' : 'no'
  return hasPorts && holdsPort(range, end.port) ? 'yes' : 'no'
}

function isInternalAlone({ internal, external }: MemoryNatRule, { address }: NatEnd): boolean {
  return !internal.ports && holdsAddress(internal, address) && !holdsAddress(external, address)
}

function isExternalAlone({ isDynamic, internal, external }: MemoryNatRule, { address }: NatEnd): boolean {
  const isWhole = isDynamic || !external.ports
  return isWhole && holdsAddress(external, address) && !holdsAddress(internal, address)
}

function useOf({ tcpFlags }: NatPacket, { now, isOwn }: Passage): NatUse {
  return { now, tcpFlags, isOwn }
}

function reversed(packet: NatPacket): NatPacket {
  return { ...packet, source: packet.destination, destination: packet.source }
}

function sameEnds(a: NatPacket, b: NatPacket): boolean {
  return sameEnd(a.source, b.source) && sameEnd(a.destination, b.destination)
}

function sameEnd(a: NatEnd, b: NatEnd): boolean {
  return a.address === b.address && a.port === b.port
}

function fragmentText(
  { family, protocol, source, destination, fragment }: NatPacket,
  { direction }: Passage,
): string {
  return [direction, family, protocol, source.address, destination.address, fragment].join(' ')
}
