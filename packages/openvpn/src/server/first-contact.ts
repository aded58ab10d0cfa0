import type { CryptoPort } from '@causeway/crypto'
import { type Instant, TokenBucket } from '@causeway/engine'
import type { Path } from '../path.ts'
import type { ControlPacket } from '../wire/control-packet.ts'
import { type CookieOptions, createCookie, createCookieSecret, verifyCookie } from '../wire/cookie.ts'
import { offersEarlyNegotiation, writeEarlyNegotiation } from '../wire/early-negotiation.ts'
import { OPCODES } from '../wire/opcode.ts'
import {
  createServerWraps,
  type DetectedWrap,
  detectWrap,
  type ServerWrapOptions,
  type ServerWraps,
} from '../wrap/detect-wrap.ts'
import { PrefixRate } from './prefix-rate.ts'
import type { OpenVpnServerLimits, OpenVpnServerOptions } from './server-options.ts'

/** What to do with a packet from an address that has no session of this id. */
export type FirstVerdict =
  | { readonly type: 'drop'; readonly reason: string }
  /** Send this; keep nothing. */
  | { readonly type: 'answer'; readonly bytes: Uint8Array }
  /** The source is who it says (UDP), or a connection stands behind it (stream): begin a session. */
  | {
      readonly type: 'open'
      readonly detected: DetectedWrap
      readonly ownId: Uint8Array
      /** The resets were exchanged without state; the session goes on with message 1. */
      readonly resetsDone: boolean
    }

/** Message ids, received or acknowledged, that a client can have when it first shows its cookie. */
const FIRST_MESSAGE_IDS: readonly (number | undefined)[] = [0, 1, undefined]

/** Packets by which a client may first show its cookie. */
const COOKIE_OPCODES: ReadonlySet<number> = new Set([
  OPCODES.HARD_RESET_CLIENT_V2,
  OPCODES.HARD_RESET_CLIENT_V3,
  OPCODES.ACK_V1,
  OPCODES.CONTROL_V1,
  OPCODES.CONTROL_WKC_V1,
])

/**
 * The stateless start: a reset is answered with a cookie as the server's session id, and nothing
 * is kept until the client has sent that cookie back.
 */
export class FirstContact {
  readonly #options: OpenVpnServerOptions
  readonly #crypto: CryptoPort
  /** Made ready from the options of {@link #wrapOptions}. */
  #wraps: ServerWraps
  #wrapOptions: ServerWrapOptions
  readonly #cookie: CookieOptions
  readonly #allReplies: TokenBucket
  readonly #prefixReplies: PrefixRate
  readonly #statefulResets: TokenBucket

  constructor(options: OpenVpnServerOptions, limits: OpenVpnServerLimits) {
    const { crypto } = options
    this.#options = options
    this.#crypto = crypto
    this.#wrapOptions = options.wraps
    this.#wraps = createServerWraps(crypto, this.#wrapOptions)
    const secret = createCookieSecret(crypto)
    this.#cookie = { crypto, secret, handWindowMilliseconds: limits.handshakeMs }
    this.#allReplies = new TokenBucket(limits.resetRepliesPerSecond)
    this.#prefixReplies = new PrefixRate(crypto, limits.resetRepliesPerPrefix)
    this.#statefulResets = new TokenBucket(limits.statefulResetsPerSecond)
  }

  judge(path: Path, bytes: Uint8Array, now: Instant): FirstVerdict {
    if (this.#options.draining) return drop('the server is about to stop')
    const detected = detectWrap(this.#presentWraps(), bytes)
    if (detected.type === 'fault') return drop(detected.reason)
    if (detected.unwrapped.packet.keyId !== 0) return drop('no session')
    return path.type === 'stream'
      ? this.#judgeStream(detected)
      : this.#judgeDatagram(path, detected, bytes.length, now)
  }

  #presentWraps(): ServerWraps {
    const { wraps } = this.#options
    if (wraps !== this.#wrapOptions) {
      this.#wrapOptions = wraps
      this.#wraps = createServerWraps(this.#crypto, wraps)
    }
    return this.#wraps
  }

  #judgeStream(detected: DetectedWrap): FirstVerdict {
    const { opcode } = detected.unwrapped.packet
    const reset = opcode === OPCODES.HARD_RESET_CLIENT_V2 || opcode === OPCODES.HARD_RESET_CLIENT_V3
    if (!reset) return drop('a stream begins with a reset')
    return { type: 'open', detected, ownId: this.#crypto.random(8), resetsDone: false }
  }

  #judgeDatagram(path: Path, detected: DetectedWrap, requestBytes: number, now: Instant): FirstVerdict {
    const { packet, stamp } = detected.unwrapped
    // OpenVPN 2.6 repeats its reset with the acknowledgement of ours: that shows the cookie too.
    if (packet.remoteSessionId) return this.#judgeCookie(path, detected, now)
    switch (packet.opcode) {
      case OPCODES.HARD_RESET_CLIENT_V2:
        return this.#answer(path, detected, { requestBytes, resendWrappedKey: false }, now)
      case OPCODES.HARD_RESET_CLIENT_V3:
        if (stamp && offersEarlyNegotiation(stamp.packetId))
          return this.#answer(path, detected, { requestBytes, resendWrappedKey: true }, now)
        if (!this.#statefulResets.take(now)) return drop('too many old tls-crypt-v2 clients')
        return { type: 'open', detected, ownId: this.#crypto.random(8), resetsDone: false }
      case OPCODES.ACK_V1:
      case OPCODES.CONTROL_V1:
      case OPCODES.CONTROL_WKC_V1:
        return drop('no cookie')
      case OPCODES.SOFT_RESET_V1:
      case OPCODES.HARD_RESET_SERVER_V2:
        return drop('no session')
      default:
        return packet.opcode satisfies never
    }
  }

  #judgeCookie(path: Path, detected: DetectedWrap, now: Instant): FirstVerdict {
    const { opcode, sessionId, remoteSessionId, packetId, acks } = detected.unwrapped.packet
    if (!remoteSessionId || !COOKIE_OPCODES.has(opcode)) return drop('no session')
    if (![packetId, ...acks].every(id => FIRST_MESSAGE_IDS.includes(id))) return drop('no session')
    const subject = { path, clientSessionId: sessionId }
    if (!verifyCookie(this.#cookie, subject, remoteSessionId, now)) return drop('no cookie of ours')
    return { type: 'open', detected, ownId: remoteSessionId, resetsDone: true }
  }

  #answer(
    path: Path,
    { wrap, unwrapped: { packet } }: DetectedWrap,
    request: { readonly requestBytes: number; readonly resendWrappedKey: boolean },
    now: Instant,
  ): FirstVerdict {
    if (packet.packetId !== 0) return drop('malformed')
    if (!this.#allReplies.take(now) || !this.#prefixReplies.take(path.remote.address, now))
      return drop('too many resets')
    const reset: ControlPacket = {
      opcode: OPCODES.HARD_RESET_SERVER_V2,
      keyId: 0,
      sessionId: createCookie(this.#cookie, { path, clientSessionId: packet.sessionId }, now),
      acks: [],
      packetId: 0,
      payload: writeEarlyNegotiation({ resendWrappedKey: request.resendWrappedKey }),
    }
    const stamp = { packetId: 1, netTime: this.#options.unixSeconds() >>> 0 }
    const acknowledging = { ...reset, acks: [0], remoteSessionId: packet.sessionId }
    const bytes = wrap.wrap(acknowledging, stamp)
    // An answer longer than its request would serve to flood a third party: then the client's reset
    // is acknowledged one round trip later, by the session.
    return { type: 'answer', bytes: bytes.length <= request.requestBytes ? bytes : wrap.wrap(reset, stamp) }
  }
}

function drop(reason: string): FirstVerdict {
  return { type: 'drop', reason: `first packet: ${reason}` }
}
