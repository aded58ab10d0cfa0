import type { Instant } from '@causeway/engine'
import type { RadiusAttribute } from '../wire/attribute.ts'
import type { ReceivedPacket } from '../wire/packet.ts'
import type { AnswerTerms } from './access-answer.ts'
import type { Purpose } from './client-options.ts'
import type { RadiusAnswer } from './client-output.ts'

/** A request before it has a place to go: written anew for each server and identifier. */
export interface RequestPlan {
  readonly purpose: Purpose
  readonly answerCodes: ReadonlySet<number>
  /** Whether an answer needs a Message-Authenticator: always, as far as the server is able to, or not. */
  readonly protection: 'always' | 'by-server' | 'none'
  /** A packet is sent again only while this has not changed since it was written (RFC 2866 §5.2). */
  version(now: Instant): number
  write(addressee: Addressee, identifier: number, now: Instant): WrittenRequest
  /** What the answer says. Errors: `WireFault`. */
  read(terms: AnswerTerms, packet: ReceivedPacket): RadiusAnswer
  /** It will not be needed again; what is secret in it is overwritten. */
  discard(): void
}

/** What a server and the gateway know of each other. */
export interface Addressee {
  readonly secret: Uint8Array
  /** What the gateway calls itself there. */
  readonly own: readonly RadiusAttribute[]
}

export interface WrittenRequest {
  readonly bytes: Uint8Array
  /** The Request Authenticator. */
  readonly authenticator: Uint8Array
}
