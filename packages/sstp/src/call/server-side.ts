import type { Instant } from '@causeway/engine'
import type { PppAuthentication, PppKeys } from '@causeway/ppp'
import { BINDING_HASHES, type BindingHash, hashBitmask } from '../binding/binding-hash.ts'
import { bindingHolds, type ClaimedBinding, claimBinding } from '../binding/call-connected.ts'
import type { CertificateHashes } from '../sstp-command.ts'
import type { SstpSettings } from '../sstp-options.ts'
import { ATTRIBUTES } from '../wire/attribute.ts'
import type { CryptoBinding } from '../wire/crypto-binding.ts'
import { NONCE_BYTES } from '../wire/crypto-binding-request.ts'
import type { InvalidMessage } from '../wire/message.ts'
import { STATUSES } from '../wire/status.ts'
import type { CallHost } from './call-host.ts'
import type { CallSide, SidedCall, SideMessage } from './call-side.ts'

/** Negative acknowledgments before a call is aborted; as many as Windows sends ([MS-SSTP] appendix A, 16). */
const MAX_NAKS = 3

/**
 * The one authentication that gives no keys by its nature. Of the others a binding of zeros (§3.2.5.2.2) is not taken:
 * whoever stands between could make it too.
 */
const KEYLESS: PppAuthentication = 'pap'

/** What is known of a binding until it holds. */
interface PendingBinding {
  /** Of this call alone. */
  readonly nonce: Uint8Array
  /** Call Connected has come: clients exist that send it before authentication has ended. One is held. */
  readonly claimed?: ClaimedBinding
  /** Authentication has ended, with these keys. */
  readonly proof?: { readonly keys: PppKeys | undefined }
}

/** The server's part of a call ([MS-SSTP] §3.3). */
export class ServerSide implements CallSide {
  readonly #host: CallHost
  readonly #call: SidedCall
  readonly #certificate: CertificateHashes
  readonly #hashes: readonly BindingHash[]
  #naks = 0
  #pending: PendingBinding | undefined

  constructor(host: CallHost, call: SidedCall, settings: SstpSettings, certificate: CertificateHashes) {
    this.#host = host
    this.#call = call
    this.#certificate = certificate
    this.#hashes = settings.bindingHashes ?? BINDING_HASHES
  }

  begin(now: Instant): void {
    this.#call.awaitNegotiation(now)
  }

  handleMessage(message: SideMessage, packet: Uint8Array, now: Instant): void {
    if (message.type === 'call-connect-request') this.#accept(now)
    if (message.type === 'call-connected') this.#handleCallConnected(message.binding, packet, now)
  }

  handleBadRequest({ statuses }: InvalidMessage, now: Instant): void {
    if (this.#naks < MAX_NAKS) {
      this.#naks++
      this.#call.send({ type: 'call-connect-nak', statuses })
      return
    }
    const about = { attribute: ATTRIBUTES.STATUS_INFO, status: STATUSES.RETRY_COUNT_EXCEEDED }
    this.#call.abort(about, refusal('no acceptable Call Connect Request'), now)
  }

  handleAuthenticated(method: PppAuthentication, keys: PppKeys | undefined, now: Instant): void {
    if (!this.#pending || this.#pending.proof) return
    if (!keys && method !== KEYLESS) {
      this.#refuse(`${method} gave no keys`, now)
      return
    }
    this.#pending = { ...this.#pending, proof: { keys } }
    this.#verify(this.#pending, now)
  }

  missing(): string {
    if (!this.#pending) return 'no Call Connect Request in time'
    return this.#pending.proof ? 'no Call Connected in time' : 'not authenticated in time'
  }

  #accept(now: Instant): void {
    const nonce = this.#host.crypto.random(NONCE_BYTES)
    this.#pending = { nonce }
    const request = { hashProtocols: hashBitmask(this.#hashes), nonce }
    this.#call.send({ type: 'call-connect-ack', request })
    this.#call.startLink(now)
  }

  #handleCallConnected(binding: CryptoBinding, packet: Uint8Array, now: Instant): void {
    const pending = this.#pending
    if (!pending) return
    if (pending.claimed) {
      const about = { attribute: ATTRIBUTES.STATUS_INFO, status: STATUSES.UNACCEPTED_FRAME_RECEIVED }
      this.#call.abort(about, refusal('a second Call Connected'), now)
      return
    }
    const { nonce } = pending
    const expected = { hashes: this.#hashes, nonce, certificate: this.#certificate }
    const claimed = claimBinding(this.#host.crypto, binding, packet, expected)
    if (typeof claimed === 'string') {
      this.#refuse(claimed, now)
      return
    }
    this.#pending = { ...pending, claimed }
    this.#verify(this.#pending, now)
  }

  /** As soon as both are there: what the client claims, and what authentication gave. */
  #verify({ claimed, proof }: PendingBinding, now: Instant): void {
    if (!claimed || !proof) return
    this.#pending = undefined
    if (bindingHolds(this.#host.crypto, claimed, proof.keys)) {
      this.#call.connect({ hash: claimed.hash, keyed: proof.keys !== undefined }, now)
    } else this.#refuse('another compound MAC', now)
  }

  /** §3.3.5.2.3: nonce, certificate, hash or MAC is not what it should be. */
  #refuse(why: string, now: Instant): void {
    const about = { attribute: ATTRIBUTES.CRYPTO_BINDING, status: STATUSES.VALUE_NOT_SUPPORTED }
    this.#call.abort(about, refusal(`crypto binding: ${why}`), now)
  }
}

function refusal(reason: string) {
  return { reason, byPeer: false, refused: true }
}
