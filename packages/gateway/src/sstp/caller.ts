import type { FlowCounters, FlowId } from '@causeway/datapath'
import type { SstpEvent } from '@causeway/sstp'
import type { Endpoint } from '@causeway/wire'
import type { EapProof } from '../eap/eap-access.ts'
import type { EapCarrier } from '../eap/eap-table.ts'
import type { StreamConnection } from '../listener/stream-connection.ts'
import type { AdmittedGuest } from '../session/admission.ts'
import { NO_COUNTERS, newSessionId } from '../session/session.ts'

/** A call from its beginning until its flow is closed and its address is given back. */
export interface Caller {
  readonly id: string
  readonly outer: Endpoint
  readonly place: EapCarrier['place']
  /** TLS suite. */
  readonly cipher: string
  guest: AdmittedGuest | undefined
  /** What EAP has proven. */
  proof: EapProof | undefined
  /** Why the policy said no amid EAP; the peer may be gone before the method has ended. */
  denial: string | undefined
  /** What it calls itself in EAP's Identity. */
  claimed: string | undefined
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

export function newCaller(
  { remote, local }: Pick<StreamConnection, 'remote' | 'local'>,
  cipher: string,
): Caller {
  const id = newSessionId()
  return {
    id,
    outer: remote,
    place: { tunnel: 'SSTP', remote, session: id, ...(local && { local }) },
    cipher,
    guest: undefined,
    proof: undefined,
    denial: undefined,
    claimed: undefined,
    software: '',
    bound: undefined,
    flow: undefined,
    listed: false,
    counters: NO_COUNTERS,
    ended: false,
  }
}
