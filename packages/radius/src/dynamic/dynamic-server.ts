import { type Datagram, DropLog, type Engine, type Instant, Outbox } from '@causeway/engine'
import { formatIpPrefix, prefixContains, WireFault } from '@causeway/wire'
import type { NasIdentity } from '../client/client-options.ts'
import {
  DYNAMIC_REPLY_MS,
  EVENT_WINDOW_SECONDS,
  PENDING_REQUESTS,
  SEEN_MS,
  STAMPED_SEEN_MS,
} from '../limits.ts'
import { digestHolds } from '../protection/authenticators.ts'
import { checkMessageAuthenticator } from '../protection/message-authenticator.ts'
import { sealAnswer } from '../protection/seal.ts'
import { RadiusError } from '../radius-error.ts'
import { TYPES } from '../wire/attribute.ts'
import { ERROR_CAUSES, type ErrorCause } from '../wire/attribute-names.ts'
import { attributeValue, encodeAttribute } from '../wire/attribute-values.ts'
import { CODES } from '../wire/code.ts'
import { parseRadiusPacket, type ReceivedPacket } from '../wire/packet.ts'
import type {
  DynamicAuthorizationOptions,
  DynamicCommand,
  DynamicDropReason,
  DynamicOutput,
  DynamicPath,
  DynamicSource,
} from './dynamic-options.ts'
import { readDynamicRequest } from './dynamic-request.ts'
import { repeatedAnswer, type SeenRequest, SeenRequests } from './seen-requests.ts'

/**
 * Receives Disconnect- and CoA-Requests (RFC 5176), usually on UDP port 3799. What is proven and new leaves as
 * `request`; a repeated one gets the answer of the first, and is not carried out again.
 *
 * Errors: `ERR_RADIUS_OPTIONS` from here and from the command `sources`.
 */
export function createDynamicAuthorization(options: DynamicAuthorizationOptions): DynamicAuthorization {
  return new DynamicServer(options)
}

export type DynamicAuthorization = Engine<DynamicPath, DynamicCommand, DynamicOutput>

interface Source {
  readonly number: number
  readonly terms: DynamicSource
  readonly seen: SeenRequests
}

/** A request that the gateway works on. */
interface Pending {
  readonly source: Source
  readonly path: DynamicPath
  readonly packet: AnsweredPart
  readonly seen: SeenRequest
  readonly deadline: Instant
}

/** What an answer needs of its request, copied. */
type AnsweredPart = Pick<ReceivedPacket, 'code' | 'identifier' | 'authenticator' | 'attributes'>

const ACKS: ReadonlyMap<number, number> = new Map([
  [CODES.DISCONNECT_REQUEST, CODES.DISCONNECT_ACK],
  [CODES.COA_REQUEST, CODES.COA_ACK],
])

class DynamicServer implements DynamicAuthorization {
  readonly #options: DynamicAuthorizationOptions
  readonly #outbox = new Outbox<DynamicOutput>()
  readonly #pending = new Map<number, Pending>()
  readonly #drops: DropLog<number>
  #nas: NasIdentity
  #sources: readonly Source[] = []
  #sourceCount = 0
  #requestCount = 0

  constructor(options: DynamicAuthorizationOptions) {
    this.#options = options
    this.#nas = options.nas
    this.#drops = new DropLog<number>(({ session, reason, count }) => {
      const source = this.#sources.find(({ number }) => number === session)?.terms.id
      const event = { type: 'dropped', source, reason: reason as DynamicDropReason, count } as const
      this.#outbox.put({ type: 'event', event })
    })
    this.#configure(options.sources)
  }

  handleDatagram({ path, bytes }: Datagram<DynamicPath>, now: Instant): void {
    const source = this.#sources.find(({ terms }) => prefixContains(terms.prefix, path.remote.address))
    const drop = (reason: DynamicDropReason) => this.#drops.add(source?.number, reason, now)
    if (!source) {
      drop('unknown-source')
      return
    }
    const packet = parseRadiusPacket(bytes)
    if (packet instanceof WireFault) {
      drop('malformed')
      return
    }
    const doubt = this.#doubt(source, packet)
    if (doubt) drop(doubt)
    else this.#handleProven(source, path, packet, now, drop)
  }

  handleCommand(command: DynamicCommand, now: Instant): void {
    switch (command.type) {
      case 'reply': {
        const pending = this.#pending.get(command.id)
        if (!pending) return
        this.#pending.delete(command.id)
        const { reply } = command
        this.#answer(pending, reply.type === 'refused' ? reply.cause : undefined, now)
        return
      }
      case 'sources':
        this.#configure(command.sources)
        return
      case 'nas':
        this.#nas = command.nas
        return
      default:
        command satisfies never
    }
  }

  handleTimeout(now: Instant): void {
    this.#drops.handleTimeout(now)
    for (const { seen } of this.#sources) seen.handleTimeout(now)
    for (const [id, pending] of this.#pending) {
      if (pending.deadline > now) break
      this.#pending.delete(id)
      this.#refuse(pending, 'resources-unavailable', now)
    }
  }

  poll(): DynamicOutput | undefined {
    return this.#outbox.take()
  }

  nextTimeout(): Instant | undefined {
    const [oldest] = this.#pending.values()
    const deadlines = [
      this.#drops.nextTimeout(),
      oldest?.deadline,
      ...this.#sources.map(({ seen }) => seen.nextTimeout()),
    ].filter(at => at !== undefined)
    return deadlines.length > 0 ? Math.min(...deadlines) : undefined
  }

  /** Why a packet is not what its source wrote (RFC 5176 §2.3, §3.4). */
  #doubt({ terms }: Source, packet: ReceivedPacket): DynamicDropReason | undefined {
    const { crypto } = this.#options
    if (!ACKS.has(packet.code)) return 'unexpected-code'
    if (!digestHolds(crypto, terms.secret, packet.bytes)) return 'forged'
    const state = checkMessageAuthenticator(crypto, terms.secret, packet)
    if (state === 'valid' || (state === 'missing' && !terms.requireMessageAuthenticator)) return undefined
    return `message-authenticator-${state}`
  }

  #handleProven(
    source: Source,
    path: DynamicPath,
    packet: ReceivedPacket,
    now: Instant,
    drop: (reason: DynamicDropReason) => void,
  ): void {
    const known = source.seen.find(packet.authenticator)
    if (known) {
      const bytes = repeatedAnswer(known, now)
      if (bytes) this.#outbox.put({ type: 'send', path, bytes })
      else if (!known.isPending) drop('replayed')
      return
    }
    const until = this.#memory(source, packet, now)
    if (typeof until === 'string') drop(until)
    else this.#take(source, path, packet, source.seen.add(packet.authenticator, until), now)
  }

  /** How long a request has to be remembered: as long as it could come again (RFC 5176 §6.3). */
  #memory({ terms }: Source, { attributes }: ReceivedPacket, now: Instant): Instant | DynamicDropReason {
    const stamps = attributes.filter(({ type, value }) => type === EVENT_TIMESTAMP && value.length === 4)
    if (stamps.length === 0) return terms.requireEventTimestamp ? 'event-timestamp-missing' : now + SEEN_MS
    const age = this.#options.unixSeconds() - (attributeValue(stamps, 'Event-Timestamp') ?? 0)
    return Math.abs(age) > EVENT_WINDOW_SECONDS ? 'stale' : now + STAMPED_SEEN_MS
  }

  #take(source: Source, path: DynamicPath, packet: ReceivedPacket, seen: SeenRequest, now: Instant): void {
    const deadline = now + DYNAMIC_REPLY_MS
    const pending = { source, path, packet: copyPart(packet), seen, deadline }
    const isFull = this.#pending.size >= PENDING_REQUESTS
    const request = isFull ? 'resources-unavailable' : readDynamicRequest(packet, this.#nasFor(source))
    if (typeof request === 'string') {
      this.#refuse(pending, request, now)
      return
    }
    const id = ++this.#requestCount
    this.#pending.set(id, pending)
    this.#outbox.put({ type: 'request', id, source: source.terms.id, request })
  }

  #nasFor({ terms: { local } }: Source): NasIdentity {
    const nas = this.#nas
    return local ? { ...nas, addresses: [local, ...(nas.addresses ?? [])] } : nas
  }

  #refuse(pending: Pending, cause: ErrorCause, now: Instant): void {
    const event = { type: 'refused', source: pending.source.terms.id, cause } as const
    this.#outbox.put({ type: 'event', event })
    this.#answer(pending, cause, now)
  }

  /** ACK, or NAK with its cause; Proxy-State goes back as it came, in its order (RFC 5176 §3.1). */
  #answer({ source, path, packet, seen }: Pending, cause: ErrorCause | undefined, now: Instant): void {
    const ack = ACKS.get(packet.code) ?? CODES.DISCONNECT_ACK
    const error = cause ? encodeAttribute({ name: 'Error-Cause', value: ERROR_CAUSES[cause] }) : []
    const proxies = packet.attributes.filter(({ type }) => type === TYPES.PROXY_STATE)
    const body = {
      code: cause ? ack + 1 : ack,
      identifier: packet.identifier,
      attributes: [...error, ...proxies],
    }
    const bytes = sealAnswer(this.#options.crypto, source.terms.secret, body, packet.authenticator)
    seen.answer = bytes.slice()
    seen.isPending = false
    seen.answeredAt = now
    this.#outbox.put({ type: 'send', path, bytes })
  }

  /** A source that goes on keeps what it has seen. */
  #configure(sources: readonly DynamicSource[]): void {
    checkSources(sources)
    const before = this.#sources
    this.#sources = sources.map(given => {
      const terms = { ...given, secret: given.secret.slice() }
      const known = before.find(source => source.terms.id === terms.id)
      return { number: known?.number ?? ++this.#sourceCount, terms, seen: known?.seen ?? new SeenRequests() }
    })
  }
}

const EVENT_TIMESTAMP = 55

function checkSources(sources: readonly DynamicSource[]): void {
  const ids = sources.map(({ id }) => id)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined) throw new RadiusError('ERR_RADIUS_OPTIONS', `two sources are called ${twice}`)
  const bare = sources.find(({ secret }) => secret.length === 0)
  if (bare)
    throw new RadiusError('ERR_RADIUS_OPTIONS', `${bare.id} (${formatIpPrefix(bare.prefix)}) has no secret`)
}

function copyPart({ code, identifier, authenticator, attributes }: ReceivedPacket): AnsweredPart {
  const proxies = attributes.filter(({ type }) => type === TYPES.PROXY_STATE)
  return {
    code,
    identifier,
    authenticator: authenticator.slice(),
    attributes: proxies.map(({ type, value }) => ({ type, value: value.slice() })),
  }
}
