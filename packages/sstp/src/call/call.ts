import type { Instant } from '@causeway/engine'
import type { PppAuthentication, PppCommand } from '@causeway/ppp'
import { WireFault } from '@causeway/wire'
import type { CallId, CertificateHashes } from '../sstp-command.ts'
import type { SstpSettings } from '../sstp-options.ts'
import type { SstpEvent } from '../sstp-output.ts'
import { ATTRIBUTES } from '../wire/attribute.ts'
import type { InvalidMessage, SstpMessage } from '../wire/message.ts'
import { parseSstpPacket, writeControlPacket } from '../wire/packet.ts'
import { formatStatus, STATUSES } from '../wire/status.ts'
import { type StatusInfo, statusInfo } from '../wire/status-info.ts'
import type { CallHost } from './call-host.ts'
import { type CallEnd, CallLink } from './call-link.ts'
import type { CallSide, SidedCall } from './call-side.ts'
import { type CallStage, callRule, isEstablishing, isLive } from './call-stage.ts'
import { ClientSide } from './client-side.ts'
import { ServerSide } from './server-side.ts'

/** A call has one deadline at a time. */
type CallTimer =
  /** The peer must have gone on: a request, its answer, a binding that holds. */
  | 'negotiation'
  /** The peer was silent: it is asked for a sign of life, and given up the next time. */
  | 'hello'
  /** The peer has not answered that PPP ends: the call is disconnected without. */
  | 'closing'
  /** The exchange that ends the call is over, answered or not. */
  | 'farewell'

/** [MS-SSTP] §3.1.2: timers of an abort and of a disconnect, at the end that began and at the other. */
export const FAREWELL_MILLISECONDS = {
  aborting: 3_000,
  'abort-answered': 1_000,
  disconnecting: 5_000,
  'disconnect-answered': 1_000,
} as const

/** How long PPP may take to end before SSTP does. Ours. */
export const CLOSING_MILLISECONDS = 2_000

/** One call, from its connection's opening to its end. */
export class Call implements SidedCall {
  readonly #host: CallHost
  readonly #id: CallId
  readonly #settings: SstpSettings
  readonly #side: CallSide
  #stage: CallStage = 'opening'
  #timer: { readonly name: CallTimer; readonly at: Instant } | undefined
  #link: CallLink | undefined
  #authentication: PppAuthentication | undefined
  #awaitsEcho = false
  /** The first cause counts. */
  #end: CallEnd | undefined

  constructor(host: CallHost, id: CallId, settings: SstpSettings, certificate: CertificateHashes) {
    this.#host = host
    this.#id = id
    this.#settings = settings
    const Side = host.role === 'server' ? ServerSide : ClientSide
    this.#side = new Side(host, this, settings, certificate)
  }

  begin(now: Instant): void {
    this.#side.begin(now)
  }

  nextTimeout(): Instant | undefined {
    const [own, link] = [this.#timer?.at, this.#link?.nextTimeout()]
    return own === undefined || link === undefined ? (own ?? link) : Math.min(own, link)
  }

  handleTimeout(now: Instant): void {
    if (this.#timer && this.#timer.at <= now) this.#handleTimer(this.#timer.name, now)
    this.#link?.handleTimeout(now)
  }

  handlePacket(bytes: Uint8Array, now: Instant): void {
    const packet = parseSstpPacket(bytes)
    if (packet instanceof WireFault) {
      // §3.1.5.1: a stream that cannot be told apart is not to be trusted with a message.
      this.#finish(
        { reason: `not SSTP: ${packet}`, byPeer: false, refused: isEstablishing(this.#stage) },
        now,
      )
      return
    }
    if (this.#stage === 'connected') this.#awaitEchoLater(now)
    if (packet.type === 'control') this.#handleMessage(packet.message, bytes, now)
    else if (this.#link) this.#link.handleFrame(packet.frame, now)
    else if (isLive(this.#stage)) this.#host.drop(this.#id, 'a PPP frame before the call', now)
  }

  /** What the outside tells the call's link. */
  handleLinkCommand(command: PppCommand, now: Instant): void {
    this.#link?.handleCommand(command, now)
  }

  /** Ends PPP, and then the call. */
  disconnect(reason: string, now: Instant): void {
    if (!isLive(this.#stage) || this.#stage === 'closing') return
    this.#end ??= { reason, byPeer: false, refused: false }
    if (!this.#link) {
      this.#sendDisconnect(now)
      return
    }
    this.#link.closeFlow()
    this.#stage = 'closing'
    this.#setTimer('closing', now + CLOSING_MILLISECONDS)
    this.#link.handleCommand({ type: 'close', reason }, now)
  }

  /** Nothing can be sent any more. */
  connectionClosed(reason: string, now: Instant): void {
    this.#leave({ reason, byPeer: true, refused: false }, now)
    this.#tellClosed()
    this.#host.ended(this.#id)
  }

  send(message: SstpMessage): void {
    this.sendPacket(writeControlPacket(message))
  }

  sendPacket(packet: Uint8Array): void {
    this.#host.put({ type: 'send', call: this.#id, packet })
  }

  awaitNegotiation(now: Instant): void {
    this.#setTimer('negotiation', now + this.#settings.negotiationMilliseconds)
  }

  startLink(now: Instant): void {
    this.#stage = 'binding'
    this.awaitNegotiation(now)
    this.#link = new CallLink(this.#host, this.#id, this.#settings, {
      authenticated: (method, keys, at) => {
        // One that ends while we leave lets nobody in.
        if (this.#stage !== 'binding') return
        this.#authentication ??= method
        this.#side.handleAuthenticated(method, keys, at)
      },
      closed: (end, at) => this.#linkClosed(end, at),
    })
    this.#link.handleCommand({ type: 'open' }, now)
  }

  connect(bound: { readonly hash: 'SHA1' | 'SHA256'; readonly keyed: boolean }, now: Instant): void {
    const authentication = this.#authentication
    if (!authentication) return
    this.#stage = 'connected'
    this.#awaitEchoLater(now)
    this.#tell({ type: 'bound', ...bound, authentication })
    this.#link?.bind()
  }

  abort(
    { attribute, status }: { readonly attribute: number; readonly status: number },
    end: CallEnd,
    now: Instant,
  ): void {
    this.#leave(end, now)
    this.send({ type: 'call-abort', status: statusInfo(attribute, status) })
    this.#farewell('aborting', now)
  }

  #handleMessage(message: SstpMessage | InvalidMessage, packet: Uint8Array, now: Instant): void {
    const type = message.type === 'invalid' ? message.messageType : message.type
    const rule = type ? callRule(this.#host.role, type, this.#stage) : isLive(this.#stage) ? 'take' : 'ignore'
    if (rule === 'ignore') return
    if (rule === 'refuse') this.#refuse(STATUSES.UNACCEPTED_FRAME_RECEIVED, `unexpected ${type}`, now)
    else if (message.type === 'invalid') this.#handleInvalid(message, now)
    else this.#take(message, packet, now)
  }

  #take(message: SstpMessage, packet: Uint8Array, now: Instant): void {
    switch (message.type) {
      case 'call-connect-request':
      case 'call-connect-ack':
      case 'call-connect-nak':
      case 'call-connected':
        this.#side.handleMessage(message, packet, now)
        return
      case 'call-abort':
        this.#handleAbort(message.status, now)
        return
      case 'call-disconnect':
        this.#leave({ reason: 'disconnected by the peer', byPeer: true, refused: false }, now)
        this.send({ type: 'call-disconnect-ack' })
        this.#farewell('disconnect-answered', now)
        return
      case 'call-disconnect-ack':
        this.#finish(undefined, now)
        return
      case 'echo-request':
        this.send({ type: 'echo-response' })
        return
      case 'echo-response':
        return
      default:
        message satisfies never
    }
  }

  #handleInvalid(message: InvalidMessage, now: Instant): void {
    if (message.messageType === 'call-connect-request') this.#side.handleBadRequest(message, now)
    else if (message.messageType === 'call-abort') this.#handleAbort(undefined, now)
    else {
      const status = message.statuses[0]?.status ?? STATUSES.INVALID_FRAME_RECEIVED
      this.#refuse(status, `a malformed ${message.messageType ?? 'message'}`, now)
    }
  }

  /** §3.1.2.1: answered by an abort, unless it is the answer to ours; then both wait for each other. */
  #handleAbort(status: StatusInfo | undefined, now: Instant): void {
    if (this.#stage !== 'aborting') {
      const why = status ? `: ${formatStatus(status.status)}` : ''
      this.#leave({ reason: `aborted by the peer${why}`, byPeer: true, refused: false }, now)
      this.send({ type: 'call-abort', status: NO_ERROR })
    }
    this.#farewell('abort-answered', now)
  }

  /** Call Abort for what the peer should not have sent. */
  #refuse(status: number, reason: string, now: Instant): void {
    const refused = isEstablishing(this.#stage)
    this.abort({ attribute: ATTRIBUTES.STATUS_INFO, status }, { reason, byPeer: false, refused }, now)
  }

  #linkClosed(end: CallEnd, now: Instant): void {
    if (!isLive(this.#stage)) return
    this.#end ??= end
    this.#sendDisconnect(now)
  }

  #sendDisconnect(now: Instant): void {
    this.#leave(this.#end ?? { reason: 'disconnected', byPeer: false, refused: false }, now)
    this.send({ type: 'call-disconnect', status: NO_ERROR })
    this.#farewell('disconnecting', now)
  }

  #handleTimer(name: CallTimer, now: Instant): void {
    switch (name) {
      case 'negotiation': {
        const about = { attribute: ATTRIBUTES.STATUS_INFO, status: STATUSES.NEGOTIATION_TIMEOUT }
        this.abort(about, { reason: this.#side.missing(), byPeer: false, refused: false }, now)
        return
      }
      case 'hello':
        this.#handleHello(now)
        return
      case 'closing':
        this.#sendDisconnect(now)
        return
      case 'farewell':
        this.#finish(undefined, now)
        return
      default:
        name satisfies never
    }
  }

  /** §3.1.2.3: a peer that does not answer an echo is left without a Call Abort. */
  #handleHello(now: Instant): void {
    if (this.#awaitsEcho) {
      this.#finish({ reason: 'no answer to an echo', byPeer: false, refused: false }, now)
      return
    }
    this.send({ type: 'echo-request' })
    this.#awaitEchoLater(now)
    this.#awaitsEcho = true
  }

  #awaitEchoLater(now: Instant): void {
    this.#awaitsEcho = false
    this.#setTimer('hello', now + this.#settings.helloMilliseconds)
  }

  /** Ends user data and PPP; the cause that came first is kept. */
  #leave(end: CallEnd, now: Instant): void {
    this.#end ??= end
    const link = this.#link
    this.#link = undefined
    link?.down(this.#end.reason, now)
  }

  #farewell(stage: keyof typeof FAREWELL_MILLISECONDS, now: Instant): void {
    this.#stage = stage
    this.#setTimer('farewell', now + FAREWELL_MILLISECONDS[stage])
  }

  #finish(end: CallEnd | undefined, now: Instant): void {
    this.#leave(end ?? { reason: 'disconnected', byPeer: false, refused: false }, now)
    this.#tellClosed()
    this.#host.put({ type: 'close-connection', call: this.#id })
    this.#host.ended(this.#id)
  }

  #tellClosed(): void {
    if (this.#end) this.#tell({ type: 'closed', ...this.#end })
  }

  #tell(event: SstpEvent): void {
    this.#host.put({ type: 'event', call: this.#id, event })
  }

  #setTimer(name: CallTimer, at: Instant): void {
    this.#timer = { name, at }
  }
}

const NO_ERROR = statusInfo(ATTRIBUTES.NONE, STATUSES.NO_ERROR)
