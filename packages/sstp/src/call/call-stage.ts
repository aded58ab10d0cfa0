import type { SstpMessageType } from '../wire/message.ts'

/**
 * Where a call is ([MS-SSTP] §3.1.1, §3.2.1, §3.3.1). The specification's `In_Progress` states last no time and
 * have no stage; `closing` is ours, since it has PPP ended before a call is disconnected (§3.2.4.2).
 */
export const CALL_STAGES = [
  /** Server_Connect_Request_Pending; Client_Connect_Request_Sent. */
  'opening',
  /** Server_Call_Connected_Pending; Client_Connect_Ack_Received. */
  'binding',
  /** Server_Call_Connected; Client_Call_Connected. */
  'connected',
  /** The PPP link is being terminated from our side. */
  'closing',
  /** Call_Disconnect_Ack_Pending. */
  'disconnecting',
  /** Call_Disconnect_Timeout_Pending. */
  'disconnect-answered',
  /** Call_Abort_Pending. */
  'aborting',
  /** Call_Abort_Timeout_Pending. */
  'abort-answered',
] as const

export type CallStage = (typeof CALL_STAGES)[number]

/** What is done with a message. */
export type CallRule =
  | 'take'
  /** Not acceptable now: Call Abort, UNACCEPTED_FRAME_RECEIVED. */
  | 'refuse'
  | 'ignore'

type Row = readonly [CallRule, CallRule, CallRule, CallRule, CallRule, CallRule, CallRule, CallRule]

const REFUSED: Row = ['refuse', 'refuse', 'refuse', 'refuse', 'ignore', 'ignore', 'ignore', 'ignore']
/** Server and client begin a call by these. */
const FIRST: Row = ['take', 'refuse', 'refuse', 'refuse', 'ignore', 'ignore', 'ignore', 'ignore']

// Columns as in CALL_STAGES: opening, binding, connected, closing, then the four of a call that ends.
const COMMON = {
  'call-abort': ['take', 'take', 'take', 'take', 'take', 'ignore', 'take', 'ignore'],
  'call-disconnect': ['take', 'take', 'take', 'take', 'take', 'ignore', 'ignore', 'ignore'],
  'call-disconnect-ack': ['refuse', 'refuse', 'refuse', 'refuse', 'take', 'ignore', 'ignore', 'ignore'],
  'echo-request': ['refuse', 'refuse', 'take', 'take', 'ignore', 'ignore', 'ignore', 'ignore'],
  'echo-response': ['refuse', 'refuse', 'take', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore'],
} as const satisfies Partial<Record<SstpMessageType, Row>>

const ROWS: Readonly<Record<'server' | 'client', Readonly<Record<SstpMessageType, Row>>>> = {
  server: {
    'call-connect-request': FIRST,
    'call-connect-ack': REFUSED,
    'call-connect-nak': REFUSED,
    'call-connected': ['refuse', 'take', 'refuse', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore'],
    ...COMMON,
  },
  client: {
    'call-connect-request': REFUSED,
    'call-connect-ack': FIRST,
    'call-connect-nak': FIRST,
    'call-connected': REFUSED,
    ...COMMON,
  },
}

/** What [MS-SSTP] §3.2.5.3 and §3.3.5.2 say of a message in a stage. */
export function callRule(role: 'server' | 'client', type: SstpMessageType, stage: CallStage): CallRule {
  return ROWS[role][type][CALL_STAGES.indexOf(stage)] as CallRule
}

/** Whether a call may still be carried on: nothing has ended it. */
export function isLive(stage: CallStage): boolean {
  return CALL_STAGES.indexOf(stage) <= CALL_STAGES.indexOf('closing')
}

/** Whether a call is not yet connected: what ends it from our side now refuses the peer. */
export function isEstablishing(stage: CallStage): boolean {
  return stage === 'opening' || stage === 'binding'
}
