import type { Instant } from '@causeway/engine'
import type { Ikev2Command } from '../command.ts'
import type { Answer } from '../exchange/task.ts'
import type { IkeMessage } from '../wire/payload.ts'

/** What the outside says of an EAP conversation. */
export type EapCommand = Extract<
  Ikev2Command,
  { readonly type: 'eap-packet' | 'eap-success' | 'eap-failure' }
>

/** An IKE_AUTH under way, in either role, as the engine sees it. */
export interface Authentication {
  /** A request of the peer; only a responder has an answer. */
  answer(message: IkeMessage, now: Instant): Answer
  /** A command that no conversation waits for does nothing. */
  handleEap(command: EapCommand, now: Instant): void
  /** The IKE SA is going: an open EAP conversation is closed outside. Call it before the session's last event. */
  close(): void
}
