import type { Instant } from '@causeway/engine'
import type { PppAuthentication, PppKeys } from '@causeway/ppp'
import type { InvalidMessage, SstpMessage } from '../wire/message.ts'
import type { CallEnd } from './call-link.ts'

/** A message that only one role receives, and only when its stage takes it. */
export type SideMessage = Extract<
  SstpMessage,
  { readonly type: 'call-connect-request' | 'call-connect-ack' | 'call-connect-nak' | 'call-connected' }
>

/** What the two roles do differently. */
export interface CallSide {
  /** The connection is open. */
  begin(now: Instant): void
  /** `packet`: the whole message as it came. */
  handleMessage(message: SideMessage, packet: Uint8Array, now: Instant): void
  /** A Call Connect Request that cannot be accepted. */
  handleBadRequest(message: InvalidMessage, now: Instant): void
  handleAuthenticated(method: PppAuthentication, keys: PppKeys | undefined, now: Instant): void
  /** What did not come in time. */
  missing(): string
}

/** What a side may do with its call. */
export interface SidedCall {
  send(message: SstpMessage): void
  /** Sends a packet that is written already. */
  sendPacket(packet: Uint8Array): void
  /** Waits, from now, for what {@link CallSide.missing} names. */
  awaitNegotiation(now: Instant): void
  /** The call is accepted: PPP begins. */
  startLink(now: Instant): void
  /** The binding holds, or was sent. */
  connect(bound: { readonly hash: 'SHA1' | 'SHA256'; readonly keyed: boolean }, now: Instant): void
  /** Sends Call Abort with a status of an attribute. */
  abort(about: { readonly attribute: number; readonly status: number }, end: CallEnd, now: Instant): void
}
