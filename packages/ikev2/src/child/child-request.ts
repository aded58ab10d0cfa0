import type { TrafficSelector } from '@causeway/wire'
import type { AskedAddresses } from '../configuration-payload.ts'
import { findPayload } from '../exchange/notify.ts'
import type { Payload, Proposal } from '../wire/payload.ts'
import { withAddressToCome } from './traffic-selectors.ts'

/** SA, TSi and TSr of a request for a Child SA, in IKE_AUTH or CREATE_CHILD_SA. */
export interface ChildRequest {
  readonly proposals: readonly Proposal[]
  /** At the end that asks. */
  readonly initiator: readonly TrafficSelector[]
  /** At the end that answers. */
  readonly responder: readonly TrafficSelector[]
}

/**
 * `undefined`: it asks for none (RFC 6023). A text: it asks for half of one. `asked`: which addresses the initiator has
 * asked for, in this request or in that which opened the session.
 */
export function readChildRequest(
  payloads: readonly Payload[],
  asked: AskedAddresses | undefined,
): ChildRequest | undefined | string {
  const sa = findPayload(payloads, 'SA')
  const initiator = findPayload(payloads, 'TSi')
  const responder = findPayload(payloads, 'TSr')
  if (!sa && !initiator && !responder) return undefined
  if (!sa || !initiator || !responder) return 'not all of SA, TSi and TSr'
  return {
    proposals: sa.proposals,
    initiator: asked ? withAddressToCome(initiator.selectors, asked) : initiator.selectors,
    responder: responder.selectors,
  }
}
