import type { Instant } from '@causeway/engine'
import type { ReceivedPacket } from '../wire/packet.ts'
import type { DropReason } from './client-output.ts'
import type { Lane } from './lane.ts'
import type { RequestPlan, WrittenRequest } from './request-plan.ts'

/** An identifier on a lane that a request holds until its answer. */
export interface Slot extends WrittenRequest {
  readonly owner: SlotOwner
  readonly lane: Lane
  readonly identifier: number
  /** What its owner's version was when it was written. */
  readonly version: number
}

/** What waits for an answer: a request, or a probe. */
export interface SlotOwner extends Pick<RequestPlan, 'answerCodes' | 'protection' | 'version' | 'write'> {
  /** A genuine answer came. */
  answered(slot: Slot, packet: ReceivedPacket, now: Instant): void
  /** The lane is gone, and the slot with it. */
  laneLost(slot: Slot, reason: string, now: Instant): void
  /** Something came that was not taken as the answer. */
  doubted(reason: DropReason): void
}
