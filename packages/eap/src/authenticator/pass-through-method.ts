import { WireFault } from '@causeway/wire'
import { EapError } from '../eap-error.ts'
import { MSK_BYTES } from '../tls/tls-keys.ts'
import { parseEapPacket } from '../wire/eap-packet.ts'
import type { AuthenticatorHost, AuthenticatorMethod } from './authenticator-method.ts'
import type { EapAuthenticatorReply } from './authenticator-reply.ts'

/**
 * Pass-through (RFC 3748 §2.3): the peer speaks with an authenticator behind us, which begins with the
 * peer's Identity. Success and failure come as its verdict; their packets are written here.
 */
export class PassThroughMethod implements AuthenticatorMethod {
  readonly eapType = undefined
  readonly #host: AuthenticatorHost

  constructor(host: AuthenticatorHost) {
    this.#host = host
  }

  begin(): void {
    this.#forward(this.#host.identityResponse())
  }

  handleResponse(_data: Uint8Array, packet: Uint8Array): void {
    this.#forward(packet.slice())
  }

  handleReply(reply: EapAuthenticatorReply): void {
    switch (reply.type) {
      case 'forwarded':
        this.#relay(reply.packet)
        return
      case 'accept':
        if (reply.msk !== undefined && reply.msk.length !== MSK_BYTES) {
          throw new EapError('ERR_EAP_REPLY', `an MSK has ${MSK_BYTES} bytes`)
        }
        this.#host.succeed({ msk: reply.msk })
        return
      case 'deny':
        this.#host.fail(reply.reason)
        return
      case 'allow':
      case 'allow-mschapv2':
        throw new EapError('ERR_EAP_REPLY', `'${reply.type}' does not answer 'forward'`)
      default:
        reply satisfies never
    }
  }

  #forward(packet: Uint8Array): void {
    this.#host.ask({ type: 'forward', packet, identity: this.#host.identity })
  }

  /** What comes from the other authenticator is from outside too: only a request goes on. */
  #relay(bytes: Uint8Array): void {
    const packet = parseEapPacket(bytes)
    if (packet instanceof WireFault)
      this.#host.fail(`malformed EAP from the authenticator behind us: ${packet}`)
    else if (packet.code !== 'request') {
      this.#host.fail(`an EAP ${packet.code} without a verdict from the authenticator behind us`)
    } else this.#host.sendForeignRequest(packet.identifier, bytes)
  }
}
