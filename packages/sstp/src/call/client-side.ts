import type { Instant } from '@causeway/engine'
import type { PppAuthentication, PppKeys } from '@causeway/ppp'
import { BINDING_HASHES, type BindingHash, strongestHash } from '../binding/binding-hash.ts'
import { writeCallConnected } from '../binding/call-connected.ts'
import { higherLayerKey } from '../binding/compound-mac.ts'
import type { CertificateHashes } from '../sstp-command.ts'
import type { SstpSettings } from '../sstp-options.ts'
import { ATTRIBUTES } from '../wire/attribute.ts'
import type { CryptoBindingRequest } from '../wire/crypto-binding-request.ts'
import { ENCAPSULATED_PPP } from '../wire/encapsulated-protocol.ts'
import { formatStatus, STATUSES } from '../wire/status.ts'
import type { StatusInfo } from '../wire/status-info.ts'
import type { CallHost } from './call-host.ts'
import type { CallSide, SidedCall, SideMessage } from './call-side.ts'

/** Times that a refused request is repeated; as Windows does ([MS-SSTP] appendix A, 10). */
const MAX_RETRIES = 3

/** The client's part of a call ([MS-SSTP] §3.2). */
export class ClientSide implements CallSide {
  readonly #host: CallHost
  readonly #call: SidedCall
  readonly #certificate: CertificateHashes
  readonly #hashes: readonly BindingHash[]
  #retries = 0
  #asked: { readonly hash: BindingHash; readonly nonce: Uint8Array } | undefined

  constructor(host: CallHost, call: SidedCall, settings: SstpSettings, certificate: CertificateHashes) {
    this.#host = host
    this.#call = call
    this.#certificate = certificate
    this.#hashes = settings.bindingHashes ?? BINDING_HASHES
  }

  begin(now: Instant): void {
    this.#call.send({ type: 'call-connect-request', protocol: ENCAPSULATED_PPP })
    this.#call.awaitNegotiation(now)
  }

  handleMessage(message: SideMessage, _: Uint8Array, now: Instant): void {
    if (message.type === 'call-connect-ack') this.#handleAck(message.request, now)
    if (message.type === 'call-connect-nak') this.#handleNak(message.statuses, now)
  }

  /** Only servers are asked. */
  handleBadRequest(): void {}

  handleAuthenticated(_: PppAuthentication, keys: PppKeys | undefined, now: Instant): void {
    const asked = this.#asked
    if (!asked) return
    this.#asked = undefined
    const key = higherLayerKey('client', keys)
    const terms = { ...asked, certificate: this.#certificate, key }
    this.#call.sendPacket(writeCallConnected(this.#host.crypto, terms))
    this.#call.connect({ hash: asked.hash, keyed: keys !== undefined }, now)
  }

  missing(): string {
    return this.#asked ? 'not authenticated in time' : 'no answer to Call Connect Request'
  }

  /** §3.2.5.3.2: the strongest hash of those that both know. */
  #handleAck({ hashProtocols, nonce }: CryptoBindingRequest, now: Instant): void {
    const hash = strongestHash(hashProtocols, this.#hashes)
    if (hash) {
      this.#asked = { hash, nonce: nonce.slice() }
      this.#call.startLink(now)
      return
    }
    const about = { attribute: ATTRIBUTES.CRYPTO_BINDING_REQUEST, status: STATUSES.VALUE_NOT_SUPPORTED }
    const reason = 'no hash for the crypto binding that both know'
    this.#call.abort(about, { reason, byPeer: false, refused: true }, now)
  }

  #handleNak(statuses: readonly StatusInfo[], now: Instant): void {
    if (this.#retries < MAX_RETRIES) {
      this.#retries++
      this.begin(now)
      return
    }
    const about = { attribute: ATTRIBUTES.STATUS_INFO, status: STATUSES.RETRY_COUNT_EXCEEDED }
    const why = statuses.map(({ status }) => formatStatus(status)).join(', ')
    const reason = `the server does not accept the call: ${why}`
    this.#call.abort(about, { reason, byPeer: true, refused: false }, now)
  }
}
