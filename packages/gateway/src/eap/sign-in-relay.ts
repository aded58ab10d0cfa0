import type { PppKeys } from '@causeway/ppp'
import type { Verdict } from '../authentication/identity.ts'

/** The way of one peer's sign-in to another authenticator. */
export interface SignInRelay extends SignInServer {
  /** The peer has gone, or the method is over. A peer that goes before it hears its verdict has failed. */
  close(): void
}

/** Another authenticator, to which one peer's sign-in is carried: EAP of any method, or an MS-CHAPv2 response. */
export interface SignInServer {
  /** @param identity what the peer called itself in EAP's Identity; anyone can claim it. */
  forward(packet: Uint8Array, identity: string): Promise<RelayedEap>
  mschapv2(attempt: Mschapv2Attempt): Promise<JudgedMschapv2>
}

/** A server's answer to one packet of an EAP conversation. */
export type RelayedEap =
  /** Its next request, for the peer. */
  | { readonly type: 'forwarded'; readonly packet: Uint8Array }
  /** The conversation is over. */
  | (RelayedVerdict & { readonly type: 'judged'; readonly msk: Uint8Array | undefined })

/** What a server has decided, and the keys that its method left, from the gateway's side. */
export interface RelayedVerdict {
  readonly verdict: Verdict
  readonly keys: PppKeys | undefined
}

/** A response to MS-CHAPv2's challenge (RFC 2759), as the peer gave it. */
export interface Mschapv2Attempt {
  readonly username: string
  readonly identifier: number
  readonly challenge: Uint8Array
  readonly peerChallenge: Uint8Array
  readonly ntResponse: Uint8Array
}

export interface JudgedMschapv2 extends RelayedVerdict {
  /** `S=` and 40 hexadecimal digits, of an allow. */
  readonly authenticatorResponse: string | undefined
  /** RFC 2759 §6, of a deny. */
  readonly error: number | undefined
}
