import type { PppKeys } from '../authentication.ts'
import type { PppCommand } from '../link-command.ts'

/** What the outside tells a conversation of EAP. */
export type EapCommand = Extract<PppCommand, { readonly type: `eap-${string}` }>

/** One authentication protocol in one role, from the opening of LCP on. */
export interface AuthenticationPart {
  start(): void
  /** A frame of its protocol. */
  handlePacket(information: Uint8Array): void
  /** The timer `repeat`. */
  handleTimeout(): void
  handleEap(command: EapCommand): void
  /** Whether the peer has said its last word, so that all waits for ours: what it sends next may be kept. */
  readonly isDeciding: boolean
  /** The link goes down: nothing is waited for any more. */
  stop(): void
}

/** How it ends, once. */
export interface AuthenticationEnd {
  succeed(keys: PppKeys | undefined): void
  /** Somebody was refused. */
  fail(reason: string): void
  /** Nobody answers. */
  giveUp(reason: string): void
}
