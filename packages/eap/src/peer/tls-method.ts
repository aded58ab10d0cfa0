import { WireFault } from '@causeway/wire'
import { EapError } from '../eap-error.ts'
import { TlsFraming } from '../tls/tls-framing.ts'
import { isTls13, tlsKeys } from '../tls/tls-keys.ts'
import type { EapTlsEstablished, EapTlsReport } from '../tls/tls-report.ts'
import { type EapTlsPacket, parseEapTlsPacket, writeEapTlsPacket } from '../wire/eap-tls-packet.ts'
import { EAP_TYPES } from '../wire/eap-type.ts'
import type { PeerHost, PeerMethod, PeerVerdict } from './peer-method.ts'
import type { EapPeerReply } from './peer-output.ts'

/** What the next input means. */
type Stage =
  /** Until the server's start. */
  | { readonly type: 'waiting' }
  | { readonly type: 'handshake' }
  /** The outside judges the server; `flight` is what TLS wants to send next. */
  | { readonly type: 'judging'; readonly established: EapTlsEstablished; readonly flight: Uint8Array }
  /** TLS 1.3: until the protected success indication (RFC 9190 §2.5). */
  | { readonly type: 'trusting'; readonly established: EapTlsEstablished }
  /** Until EAP-Success. */
  | { readonly type: 'done' }

const NOTHING = new Uint8Array(0)
const SUCCESS_INDICATION = 0

/**
 * EAP-TLS (RFC 5216, RFC 9190) in the peer's role. With TLS 1.3 the server is judged before our
 * certificate is shown to it; with TLS 1.2 only before the conversation can succeed.
 */
export class TlsPeerMethod implements PeerMethod {
  readonly eapType: number = EAP_TYPES.TLS
  readonly #host: PeerHost
  readonly #framing: TlsFraming
  #stage: Stage = { type: 'waiting' }
  #verdict: PeerVerdict = { type: 'open' }

  constructor(host: PeerHost) {
    this.#host = host
    this.#framing = new TlsFraming(host.limits)
  }

  get verdict(): PeerVerdict {
    return this.#verdict
  }

  handleRequest(data: Uint8Array): void {
    const packet = parseEapTlsPacket(data)
    if (packet instanceof WireFault) this.#host.fail(`malformed EAP-TLS: ${packet}`)
    else if (this.#stage.type === 'waiting') this.#handleStart(packet)
    else this.#handlePacket(packet)
  }

  handleTlsReport(report: EapTlsReport): void {
    const stage = this.#stage
    const { records = NOTHING, failure } = report
    if (failure !== undefined) {
      // Our alert, or the acknowledgement of the server's (RFC 5216 §2.1.3). Its EAP-Failure changes nothing.
      this.#sendMessage(records)
      this.#host.fail(failure)
    } else if (stage.type === 'handshake') this.#shakeHands(report)
    else if (stage.type === 'trusting') this.#handleIndication(stage.established, report)
    else this.#host.fail('TLS data after its end')
  }

  handleReply(reply: EapPeerReply): void {
    const stage = this.#stage
    if (stage.type !== 'judging') throw new EapError('ERR_EAP_REPLY', 'EAP-TLS asked for nothing')
    if (reply.type === 'distrust') this.#host.fail(reply.reason)
    else if (reply.type === 'trust') this.#trust(stage.established, stage.flight)
    else throw new EapError('ERR_EAP_REPLY', `'${reply.type}' does not answer 'verify-server'`)
  }

  #handleStart({ start, fragment }: EapTlsPacket): void {
    if (!start || fragment.length > 0) {
      this.#host.fail('EAP-TLS that does not begin with its start')
      return
    }
    this.#stage = { type: 'handshake' }
    this.#host.startTls()
  }

  #handlePacket(packet: EapTlsPacket): void {
    const step = this.#framing.receive(packet)
    if (step.type === 'fault') this.#host.fail(step.reason)
    else if (step.type === 'send') this.#sendPacket(step.packet)
    else if (step.bytes.length === 0) this.#host.fail('the server says nothing in the TLS handshake')
    else this.#host.stepTls('tls-input', step.bytes)
  }

  #shakeHands({ records = NOTHING, established, plaintext }: EapTlsReport): void {
    if (plaintext) this.#host.fail('TLS data before the server is trusted')
    else if (established) this.#judge(established, records)
    else if (records.length > 0) this.#sendMessage(records)
    else this.#host.fail('a TLS message that is not whole')
  }

  #judge(established: EapTlsEstablished, flight: Uint8Array): void {
    const { peerChain, version: tlsVersion, cipher: tlsCipher } = established
    this.#stage = { type: 'judging', established, flight }
    this.#host.ask({ type: 'verify-server', peerChain, tlsVersion, tlsCipher })
  }

  #trust(established: EapTlsEstablished, flight: Uint8Array): void {
    if (isTls13(established)) this.#stage = { type: 'trusting', established }
    else this.#finish(established, false)
    this.#sendMessage(flight)
  }

  /** Session tickets may come before the indication; nothing else may. */
  #handleIndication(established: EapTlsEstablished, { records = NOTHING, plaintext }: EapTlsReport): void {
    const isIndication = plaintext?.length === 1 && plaintext[0] === SUCCESS_INDICATION
    if (plaintext && !isIndication) {
      this.#host.fail('TLS data that is not the success indication')
      return
    }
    if (isIndication) this.#finish(established, true)
    this.#sendMessage(records)
  }

  #finish(established: EapTlsEstablished, isProtected: boolean): void {
    this.#stage = { type: 'done' }
    const success = { ...tlsKeys(established), peerChain: established.peerChain }
    this.#verdict = { type: 'good', isProtected, success }
  }

  #sendMessage(message: Uint8Array): void {
    this.#sendPacket(this.#framing.begin(message))
  }

  #sendPacket(packet: EapTlsPacket): void {
    this.#host.sendResponse(writeEapTlsPacket(packet))
  }
}
