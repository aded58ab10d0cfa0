import type { PortId } from '@causeway/datapath'
import type { TokenBucket } from '@causeway/engine'
import type { SessionEvent } from '@causeway/ikev2'
import type { Endpoint } from '@causeway/wire'
import type { EapProof } from '../eap/eap-access.ts'
import type { AdmittedGuest } from '../session/admission.ts'

/** A peer from its first sign of who it is until its flows are closed and its address is given back. */
export interface Candidate {
  readonly id: string
  outer: Endpoint | undefined
  port: PortId | undefined
  guest: Guest | undefined
  /** What EAP has proven. */
  proof: EapProof | undefined
  /** Why the policy said no amid EAP; the peer may be gone before the method has ended. */
  denial: string | undefined
  /** What it calls itself in EAP's Identity. */
  claimed: string | undefined
  software: string
  cipher: string
  established: boolean
  /** What was agreed on, until it stands in the log. */
  agreed: Extract<SessionEvent, { readonly type: 'established' }> | undefined
  /** What it says beyond its coming and going, in the log. */
  readonly remarks: TokenBucket
  /** The engine has no such session any more. */
  ended: boolean
}

/** A peer that was let in. */
export interface Guest extends AdmittedGuest {
  /** Tells one user's devices apart: what the client calls itself. */
  readonly device: string
}
