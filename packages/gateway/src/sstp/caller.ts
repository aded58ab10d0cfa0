import type { FlowCounters, FlowId } from '@causeway/datapath'
import type { SstpEvent } from '@causeway/sstp'
import type { Endpoint } from '@causeway/wire'
import type { EapProof } from '../eap/eap-access.ts'
import type { AdmittedGuest } from '../session/admission.ts'
import { NO_COUNTERS, newSessionId } from '../session/session.ts'

/** A call from its beginning until its flow is closed and its address is given back. */
export interface Caller {
  readonly id: string
  readonly outer: Endpoint
  /** TLS suite. */
  readonly cipher: string
  guest: AdmittedGuest | undefined
  /** What EAP has proven. */
  proof: EapProof | undefined
  /** Why the policy said no amid EAP; the peer may be gone before the method has ended. */
  denial: string | undefined
  /** What it calls its software. */
  software: string
  bound: Extract<SstpEvent, { readonly type: 'bound' }> | undefined
  flow: FlowId | undefined
  /** Whether it ever was in the session list. */
  listed: boolean
  /** Of the flow when it is closed. */
  counters: FlowCounters
  ended: boolean
}

export function newCaller(outer: Endpoint, cipher: string): Caller {
  return {
    id: newSessionId(),
    outer,
    cipher,
    guest: undefined,
    proof: undefined,
    denial: undefined,
    software: '',
    bound: undefined,
    flow: undefined,
    listed: false,
    counters: NO_COUNTERS,
    ended: false,
  }
}
