import { concatBytes, WireFault } from '@causeway/wire'
import { EapError } from '../eap-error.ts'
import { clearAlert, type TlsAlert } from '../tls/tls-alert.ts'
import { TlsFraming } from '../tls/tls-framing.ts'
import { type EapKeys, isTls13, tlsKeys } from '../tls/tls-keys.ts'
import type { EapTlsEstablished, EapTlsReport } from '../tls/tls-report.ts'
import {
  EAP_TLS_START,
  type EapTlsPacket,
  parseEapTlsPacket,
  writeEapTlsPacket,
} from '../wire/eap-tls-packet.ts'
import { EAP_TYPES } from '../wire/eap-type.ts'
import type { AuthenticatorHost, AuthenticatorMethod } from './authenticator-method.ts'
import type { EapAuthenticatorReply } from './authenticator-reply.ts'

/** What the next input means. */
type Stage =
  /** Until the peer's first message. */
  | { readonly type: 'offered' }
  /** TLS is being opened for it. */
  | { readonly type: 'opening'; readonly message: Uint8Array }
  /** Until the TLS handshake has ended. */
  | { readonly type: 'handshake' }
  /** The outside judges the certificate; `flight` is what TLS wants to send next. */
  | { readonly type: 'judging'; readonly established: EapTlsEstablished; readonly flight: Uint8Array }
  /** TLS encrypts the protected success indication. */
  | { readonly type: 'indicating'; readonly allowed: Allowed; readonly flight: Uint8Array }
  /** The peer is told; its empty answer is the end. */
  | { readonly type: 'finishing'; readonly allowed: Allowed }
  /** Something is left to say in TLS, and then it fails. */
  | { readonly type: 'failing'; readonly reason: string }

type Allowed = EapKeys & { readonly peerChain: readonly Uint8Array[] }

const NOTHING = new Uint8Array(0)
/** The protected success indication (RFC 9190 §2.5): one byte of application data. */
const SUCCESS_INDICATION = 0

/**
 * EAP-TLS (RFC 5216, RFC 9190) in the authenticator's role.
 *
 * The certificate is judged as soon as TLS has proven its key. With TLS 1.2 our last flight waits for
 * that, so a refusal can still be told by an alert. With TLS 1.3 our side is encrypted by then, and the
 * TLS library sends no alerts of ours: a refusal is the missing success indication, and EAP-Failure.
 */
export class TlsAuthenticatorMethod implements AuthenticatorMethod {
  readonly eapType: number = EAP_TYPES.TLS
  readonly #host: AuthenticatorHost
  readonly #framing: TlsFraming
  #stage: Stage = { type: 'offered' }

  constructor(host: AuthenticatorHost) {
    this.#host = host
    this.#framing = new TlsFraming(host.limits)
  }

  begin(): void {
    this.#sendPacket(EAP_TLS_START)
  }

  handleResponse(data: Uint8Array): void {
    const packet = parseEapTlsPacket(data)
    if (packet instanceof WireFault) {
      this.#host.fail(`malformed EAP-TLS: ${packet}`)
      return
    }
    const step = this.#framing.receive(packet)
    if (step.type === 'fault') this.#host.fail(step.reason)
    else if (step.type === 'send') this.#sendPacket(step.packet)
    else this.#handleMessage(step.bytes)
  }

  handleTlsReport(report: EapTlsReport): void {
    const stage = this.#stage
    const { records = NOTHING, failure } = report
    if (failure !== undefined) this.#sayAndFail(records, failure)
    else if (stage.type === 'opening') this.#open(stage.message)
    else if (stage.type === 'handshake') this.#shakeHands(report)
    else if (stage.type === 'indicating') this.#finish(stage.allowed, concatBytes([stage.flight, records]))
    else this.#host.fail('TLS data after its end')
  }

  handleReply(reply: EapAuthenticatorReply): void {
    const stage = this.#stage
    if (stage.type !== 'judging') throw new EapError('ERR_EAP_REPLY', 'EAP-TLS asked for nothing')
    if (reply.type === 'deny') this.#deny(stage.established, reply.reason, reply.alert ?? 'access-denied')
    else if (reply.type === 'allow') this.#allow(stage.established, stage.flight)
    else throw new EapError('ERR_EAP_REPLY', `'${reply.type}' does not answer 'authenticate'`)
  }

  #handleMessage(message: Uint8Array): void {
    const stage = this.#stage
    if (stage.type === 'failing') this.#host.fail(stage.reason)
    else if (stage.type === 'finishing' && message.length === 0) this.#host.succeed(stage.allowed)
    else if (message.length === 0) this.#host.fail('the peer says nothing in the TLS handshake')
    else if (stage.type === 'offered') {
      this.#stage = { type: 'opening', message }
      this.#host.startTls()
    } else this.#host.stepTls('tls-input', message)
  }

  #open(message: Uint8Array): void {
    this.#stage = { type: 'handshake' }
    this.#host.stepTls('tls-input', message)
  }

  #shakeHands({ records = NOTHING, established, plaintext }: EapTlsReport): void {
    if (plaintext) this.#host.fail('TLS data before the end of the handshake')
    else if (established) this.#judge(established, records)
    else if (records.length > 0) this.#sendMessage(records)
    else this.#host.fail('a TLS message that is not whole')
  }

  #judge(established: EapTlsEstablished, flight: Uint8Array): void {
    const { peerChain, version: tlsVersion, cipher: tlsCipher } = established
    if (peerChain.length === 0) {
      this.#deny(established, 'the peer has no certificate', 'handshake-failure')
      return
    }
    this.#stage = { type: 'judging', established, flight }
    const { identity } = this.#host
    this.#host.ask({ type: 'authenticate', method: 'tls', peerChain, tlsVersion, tlsCipher, identity })
  }

  #allow(established: EapTlsEstablished, flight: Uint8Array): void {
    const allowed: Allowed = { ...tlsKeys(established), peerChain: established.peerChain }
    if (!isTls13(established)) {
      this.#finish(allowed, flight)
      return
    }
    this.#stage = { type: 'indicating', allowed, flight }
    this.#host.stepTls('tls-write', Uint8Array.of(SUCCESS_INDICATION))
  }

  #finish(allowed: Allowed, records: Uint8Array): void {
    this.#stage = { type: 'finishing', allowed }
    this.#sendMessage(records)
  }

  #deny(established: EapTlsEstablished, reason: string, alert: TlsAlert): void {
    this.#sayAndFail(isTls13(established) ? NOTHING : clearAlert(alert), reason)
  }

  /** The peer acknowledges what TLS has left to say, and then it fails (RFC 5216 §2.1.3). */
  #sayAndFail(records: Uint8Array, reason: string): void {
    if (records.length === 0) {
      this.#host.fail(reason)
      return
    }
    this.#stage = { type: 'failing', reason }
    this.#host.announceDenial(reason)
    this.#sendMessage(records)
  }

  #sendMessage(message: Uint8Array): void {
    this.#sendPacket(this.#framing.begin(message))
  }

  #sendPacket(packet: EapTlsPacket): void {
    this.#host.sendRequest(writeEapTlsPacket(packet))
  }
}
