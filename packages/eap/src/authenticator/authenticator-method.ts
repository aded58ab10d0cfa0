import type { CryptoPort } from '@causeway/crypto'
import type { EapLimits } from '../limits.ts'
import type { EapTlsReport } from '../tls/tls-report.ts'
import type { EapAuthenticatorRequest, EapAuthenticatorSuccess } from './authenticator-output.ts'
import type { EapAuthenticatorReply } from './authenticator-reply.ts'

/** What a method has to say at its good end. */
export type MethodSuccess = Omit<EapAuthenticatorSuccess, 'type' | 'method' | 'identity'>

/** A method in the authenticator's role. It is told one thing at a time, and does one thing about it. */
export interface AuthenticatorMethod {
  /** The EAP type of its packets; `undefined`: whatever the authenticator behind it speaks. */
  readonly eapType: number | undefined
  /** Makes the first request. */
  begin(): void
  /**
   * A response of this method's type to its last request.
   * @param data Type-Data, borrowed
   * @param packet the whole packet, borrowed
   */
  handleResponse(data: Uint8Array, packet: Uint8Array): void
  handleReply(reply: EapAuthenticatorReply): void
  /** Only of methods that use TLS. */
  handleTlsReport?(report: EapTlsReport): void
}

/** What an authenticator offers to its method. */
export interface AuthenticatorHost {
  readonly crypto: Pick<CryptoPort, 'random'>
  readonly limits: EapLimits
  /** The claimed identity, printable. */
  readonly identity: string
  /** The Identifier that the next request will have. */
  readonly nextIdentifier: number
  /** Sends an EAP-Request of the method's type. */
  sendRequest(data: Uint8Array): void
  /** Sends a request that was made elsewhere, under its own identifier. */
  sendForeignRequest(identifier: number, packet: Uint8Array): void
  /** The peer's Identity as a response to the last request: for an authenticator that has not seen it. */
  identityResponse(): Uint8Array
  ask(request: EapAuthenticatorRequest): void
  startTls(): void
  stepTls(type: 'tls-input' | 'tls-write', bytes: Uint8Array): void
  /** Says that the answer is no, before the peer has been told to the end. */
  announceDenial(reason: string): void
  succeed(success: MethodSuccess): void
  fail(reason: string): void
}
