import {
  holdsAddress,
  holdsPort,
  type MemoryNatRule,
  type MemoryNatRules,
  type NatEnd,
} from './memory-nat-rules.ts'

/** Which rules a session is of. */
export type NatSide = 'egress' | 'ingress'

/** Both ends of a conversation: one that is translated, and the other as it is on the far side of the translation. */
export interface NatConversation {
  readonly side: NatSide
  readonly family: 4 | 6
  readonly protocol: number
  readonly end: NatEnd
  /** Of an ICMP query its port is 0. */
  readonly far: NatEnd
}

/** A packet that looks for its session. */
export interface NatUse {
  readonly now: number
  /** 0 for other protocols. */
  readonly tcpFlags: number
  /** It is of the session itself, not about it. */
  readonly isOwn: boolean
}

interface Session {
  readonly internal: NatConversation
  readonly external: NatConversation
  readonly rule: string
  usedAt: number
  isAnswered: boolean
  isEstablished: boolean
  isReset: boolean
  endedByInternal: boolean
  endedByExternal: boolean
}

const TCP = 6
const UDP = 17
const FLAG_FIN = 0x01
const FLAG_SYN = 0x02
const FLAG_RST = 0x04

/** Milliseconds: RFC 5382 REQ-5, RFC 4787 REQ-5, RFC 5508 REQ-1. */
const LIFETIME = { tcp: 7_440_000, tcpTransitory: 240_000, udp: 300_000, icmp: 60_000 } as const
/** Ours. */
const MOST_SESSIONS = 32_768
const DEFAULT_PORTS = { first: 1_024, last: 0xffff } as const
/** How many addresses of a pool are tried. */
const ADDRESS_TRIES = 4n
const PORT_TRIES = 256

/** What dynamic rules remember, as the native one does; but with the least pattern of ports that does. */
export class MemoryNatSessions {
  readonly #most: number
  readonly #byInternal = new Map<string, Session>()
  readonly #byExternal = new Map<string, Session>()
  readonly #hosts = new Map<string, number>()
  #nextPort = 0x2f31

  constructor(most: number = MOST_SESSIONS) {
    this.#most = most
  }

  get size(): number {
    return this.#byInternal.size
  }

  /** What an internal end is outside. `begin`: the rule that a session may begin by, and all of its side. */
  toExternal(
    internal: NatConversation,
    use: NatUse,
    begin?: { readonly rule: MemoryNatRule; readonly rules: readonly MemoryNatRule[] },
  ): NatEnd | undefined {
    const session = this.#live(this.#byInternal.get(conversationText(internal)), use.now)
    if (session) {
      if (use.isOwn) noteInternal(session, use)
      return session.external.end
    }
    return begin && this.#begin(internal, use.now, begin.rule, begin.rules)
  }

  /** Whose an external end is. */
  toInternal(external: NatConversation, use: NatUse): NatEnd | undefined {
    const session = this.#live(this.#byExternal.get(conversationText(external)), use.now)
    if (session && use.isOwn) noteExternal(session, use)
    return session?.internal.end
  }

  /** Ends the sessions of rules that are no more. */
  keep({ egress, ingress }: MemoryNatRules): void {
    const ids = new Set([...egress, ...ingress].map(({ id }) => id))
    for (const session of this.#byInternal.values()) if (!ids.has(session.rule)) this.#remove(session)
  }

  #live(session: Session | undefined, now: number): Session | undefined {
    if (!session || !isOver(session, now)) return session
    this.#remove(session)
    return undefined
  }

  #begin(
    internal: NatConversation,
    now: number,
    rule: MemoryNatRule,
    rules: readonly MemoryNatRule[],
  ): NatEnd | undefined {
    const end = this.#freeEnd(internal, now, rule, rules)
    if (!end) return undefined
    if (this.#byInternal.size >= this.#most) this.#remove(this.#weakest([...this.#byInternal.values()], now))
    const session: Session = {
      internal,
      external: { ...internal, end },
      rule: rule.id,
      usedAt: now,
      isAnswered: false,
      isEstablished: false,
      isReset: false,
      endedByInternal: false,
      endedByExternal: false,
    }
    this.#byInternal.set(conversationText(internal), session)
    this.#byExternal.set(conversationText(session.external), session)
    this.#hosts.set(hostText(internal), this.#held(internal) + 1)
    return end
  }

  /** An external end that nobody has towards this far end. */
  #freeEnd(
    internal: NatConversation,
    now: number,
    { external, family }: MemoryNatRule,
    rules: readonly MemoryNatRule[],
  ): NatEnd | undefined {
    const met: Session[] = []
    for (const address of poolAddresses(external, internal.end.address))
      for (const port of this.#ports(external.ports ?? DEFAULT_PORTS)) {
        const end = { address, port }
        if (isTaken(rules, family, end)) continue
        const session = this.#live(this.#byExternal.get(conversationText({ ...internal, end })), now)
        if (!session) return end
        met.push(session)
      }
    const [weakest] = met.length > 0 ? [this.#weakest(met, now)] : []
    if (!weakest || this.#held(internal) > this.#held(weakest.internal)) return undefined
    this.#remove(weakest)
    return weakest.external.end
  }

  /** From a start that is another one each time. */
  #ports({ first, last }: { readonly first: number; readonly last: number }): number[] {
    const count = last - first + 1
    this.#nextPort = (this.#nextPort * 0x6255 + 0x3619) & 0xffff
    const start = this.#nextPort
    return Array.from({ length: Math.min(count, PORT_TRIES) }, (_, i) => first + ((start + i) % count))
  }

  /** Of the hosts that have most, what is no open connection, and what was idle longest. */
  #weakest(sessions: readonly Session[], now: number): Session {
    return sessions.reduce((a, b) => (this.#givesWayBefore(b, a, now) ? b : a))
  }

  #givesWayBefore(a: Session, b: Session, now: number): boolean {
    if (isOver(a, now) !== isOver(b, now)) return isOver(a, now)
    const [ofA, ofB] = [this.#held(a.internal), this.#held(b.internal)]
    if (ofA !== ofB) return ofA > ofB
    const [openA, openB] = [a, b].map(session => lifetime(session) === LIFETIME.tcp)
    return openA === openB ? a.usedAt < b.usedAt : openB === true
  }

  #held(internal: NatConversation): number {
    return this.#hosts.get(hostText(internal)) ?? 0
  }

  #remove(session: Session): void {
    this.#byInternal.delete(conversationText(session.internal))
    this.#byExternal.delete(conversationText(session.external))
    const host = hostText(session.internal)
    const left = this.#held(session.internal) - 1
    if (left === 0) this.#hosts.delete(host)
    else this.#hosts.set(host, left)
  }
}

function noteInternal(session: Session, { now, tcpFlags }: NatUse): void {
  session.usedAt = now
  if ((tcpFlags & FLAG_SYN) !== 0) {
    session.isAnswered = session.isEstablished = session.isReset = false
    session.endedByInternal = session.endedByExternal = false
  } else if (session.isAnswered) session.isEstablished = true
  if ((tcpFlags & FLAG_FIN) !== 0) session.endedByInternal = true
  if ((tcpFlags & FLAG_RST) !== 0) session.isReset = true
}

function noteExternal(session: Session, { now, tcpFlags }: NatUse): void {
  session.usedAt = now
  session.isAnswered = true
  if ((tcpFlags & FLAG_FIN) !== 0) session.endedByExternal = true
  if ((tcpFlags & FLAG_RST) !== 0) session.isReset = true
}

function lifetime(session: Session): number {
  const { protocol } = session.internal
  if (protocol === UDP) return LIFETIME.udp
  if (protocol !== TCP) return LIFETIME.icmp
  const hasEnded = session.isReset || (session.endedByInternal && session.endedByExternal)
  return session.isEstablished && !hasEnded ? LIFETIME.tcp : LIFETIME.tcpTransitory
}

function isOver(session: Session, now: number): boolean {
  return now - session.usedAt > lifetime(session)
}

/** A static rule has this end for itself. */
function isTaken(rules: readonly MemoryNatRule[], family: 4 | 6, { address, port }: NatEnd): boolean {
  return rules.some(
    ({ isDynamic, family: own, external }) =>
      !isDynamic && own === family && holdsAddress(external, address) && holdsPort(external, port),
  )
}

/** A host keeps its address (RFC 4787 REQ-2), as long as that has ports. */
function poolAddresses(
  { first, last }: { readonly first: bigint; readonly last: bigint },
  host: bigint,
): bigint[] {
  const count = last - first + 1n
  const tries = count < ADDRESS_TRIES ? count : ADDRESS_TRIES
  return Array.from({ length: Number(tries) }, (_, i) => first + ((host + BigInt(i)) % count))
}

function conversationText({ side, family, protocol, end, far }: NatConversation): string {
  return `${side} ${family} ${protocol} ${end.address} ${end.port} ${far.address} ${far.port}`
}

function hostText({ side, family, end }: NatConversation): string {
  return `${side} ${family} ${end.address}`
}
