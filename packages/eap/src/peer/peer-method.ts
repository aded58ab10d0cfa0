import type { CryptoPort } from '@causeway/crypto'
import type { EapLimits } from '../limits.ts'
import type { EapTlsReport } from '../tls/tls-report.ts'
import type { EapPeerReply, EapPeerRequest, EapPeerSuccess } from './peer-output.ts'

/** What a method knows of its end. */
export type PeerVerdict =
  /** Nothing yet: EAP-Success would come too early. */
  | { readonly type: 'open' }
  /**
   * Done, and waits for EAP-Success. When the server has said so under protection, an EAP-Failure is
   * someone else's (RFC 3748 §4.2, RFC 9190 §2.5).
   */
  | {
      readonly type: 'good'
      readonly isProtected: boolean
      readonly success: Omit<EapPeerSuccess, 'type' | 'method'>
    }
  /** The server has said no; EAP-Failure follows. */
  | { readonly type: 'bad'; readonly reason: string }

/** A method in the peer's role. */
export interface PeerMethod {
  readonly eapType: number
  readonly verdict: PeerVerdict
  /** @param data Type-Data of a request, borrowed */
  handleRequest(data: Uint8Array): void
  handleReply(reply: EapPeerReply): void
  /** Only of methods that use TLS. */
  handleTlsReport?(report: EapTlsReport): void
}

/** What a peer offers to its method. */
export interface PeerHost {
  readonly crypto: Pick<CryptoPort, 'equal'>
  readonly limits: EapLimits
  /** Sends an EAP-Response of the method's type to the last request. */
  sendResponse(data: Uint8Array): void
  ask(request: EapPeerRequest): void
  startTls(): void
  stepTls(type: 'tls-input' | 'tls-write', bytes: Uint8Array): void
  /** Ends the conversation. */
  fail(reason: string): void
}
