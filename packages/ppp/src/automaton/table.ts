/** States of the option negotiation automaton (RFC 1661 §4.2), in the RFC's order. */
export const STATES = [
  'Initial',
  'Starting',
  'Closed',
  'Stopped',
  'Closing',
  'Stopping',
  'Req-Sent',
  'Ack-Rcvd',
  'Ack-Sent',
  'Opened',
] as const
export type State = (typeof STATES)[number]

/** What happens to it (RFC 1661 §4.3). */
export type AutomatonEvent =
  /** The lower layer is up, or down. */
  | 'Up'
  | 'Down'
  /** The link is wanted, or not. */
  | 'Open'
  | 'Close'
  /** The restart timer has gone off and the counter is above zero, or not. */
  | 'TO+'
  | 'TO-'
  /** Received: Configure-Request, good or bad; Configure-Ack; Configure-Nak or -Reject. */
  | 'RCR+'
  | 'RCR-'
  | 'RCA'
  | 'RCN'
  /** Received: Terminate-Request, Terminate-Ack, an unknown code. */
  | 'RTR'
  | 'RTA'
  | 'RUC'
  /** Received: Code-Reject or Protocol-Reject, permitted or catastrophic. */
  | 'RXJ+'
  | 'RXJ-'
  /** Received: Echo-Request, Echo-Reply or Discard-Request. */
  | 'RXR'

/** What it does (RFC 1661 §4.4). */
export type Action =
  /** This layer is up, down, started (the lower layer is wanted) or finished (no longer wanted). */
  | 'tlu'
  | 'tld'
  | 'tls'
  | 'tlf'
  /** The restart counter is set to its maximum, or to zero. */
  | 'irc'
  | 'zrc'
  /** Send: Configure-Request, -Ack, -Nak or -Reject; Terminate-Request, -Ack; Code-Reject; Echo-Reply. */
  | 'scr'
  | 'sca'
  | 'scn'
  | 'str'
  | 'sta'
  | 'scj'
  | 'ser'

/** What follows an event: actions in order, and the next state. */
export interface Transition {
  readonly actions: readonly Action[]
  readonly next: State
}

type Row = readonly [string, string, string, string, string, string, string, string, string, string]

/**
 * The state transition table (RFC 1661 §4.1): for each event ten cells, actions and next state. `-`: cannot happen. The
 * marks r (restart option) and x (crossed connection) ask for no other behaviour of ours; p (passive option) is not used.
 */
const TABLE: Readonly<Record<AutomatonEvent, Row>> = {
  Up: ['2', 'irc,scr/6', '-', '-', '-', '-', '-', '-', '-', '-'],
  Down: ['-', '-', '0', 'tls/1', '0', '1', '1', '1', '1', 'tld/1'],
  Open: ['tls/1', '1', 'irc,scr/6', '3', '5', '5', '6', '7', '8', '9'],
  Close: ['0', 'tlf/0', '2', '2', '4', '4', 'irc,str/4', 'irc,str/4', 'irc,str/4', 'tld,irc,str/4'],
  'TO+': ['-', '-', '-', '-', 'str/4', 'str/5', 'scr/6', 'scr/6', 'scr/8', '-'],
  'TO-': ['-', '-', '-', '-', 'tlf/2', 'tlf/3', 'tlf/3', 'tlf/3', 'tlf/3', '-'],
  'RCR+': ['-', '-', 'sta/2', 'irc,scr,sca/8', '4', '5', 'sca/8', 'sca,tlu/9', 'sca/8', 'tld,scr,sca/8'],
  'RCR-': ['-', '-', 'sta/2', 'irc,scr,scn/6', '4', '5', 'scn/6', 'scn/7', 'scn/6', 'tld,scr,scn/6'],
  RCA: ['-', '-', 'sta/2', 'sta/3', '4', '5', 'irc/7', 'scr/6', 'irc,tlu/9', 'tld,scr/6'],
  RCN: ['-', '-', 'sta/2', 'sta/3', '4', '5', 'irc,scr/6', 'scr/6', 'irc,scr/8', 'tld,scr/6'],
  RTR: ['-', '-', 'sta/2', 'sta/3', 'sta/4', 'sta/5', 'sta/6', 'sta/6', 'sta/6', 'tld,zrc,sta/5'],
  RTA: ['-', '-', '2', '3', 'tlf/2', 'tlf/3', '6', '6', '8', 'tld,scr/6'],
  RUC: ['-', '-', 'scj/2', 'scj/3', 'scj/4', 'scj/5', 'scj/6', 'scj/7', 'scj/8', 'scj/9'],
  'RXJ+': ['-', '-', '2', '3', '4', '5', '6', '6', '8', '9'],
  'RXJ-': ['-', '-', 'tlf/2', 'tlf/3', 'tlf/2', 'tlf/3', 'tlf/3', 'tlf/3', 'tlf/3', 'tld,irc,str/5'],
  RXR: ['-', '-', '2', '3', '4', '5', '6', '7', '8', 'ser/9'],
}

export const EVENTS: readonly AutomatonEvent[] = Object.keys(TABLE) as AutomatonEvent[]

const TRANSITIONS = new Map(
  EVENTS.map(event => [
    event,
    new Map(STATES.map((state, i) => [state, readCell(TABLE[event][i] as string)])),
  ]),
)

/** What follows an event in a state; `undefined` where it cannot happen. */
export function transition(state: State, event: AutomatonEvent): Transition | undefined {
  return TRANSITIONS.get(event)?.get(state)
}

function readCell(cell: string): Transition | undefined {
  if (cell === '-') return undefined
  const parts = cell.split('/')
  const next = STATES[Number(parts.at(-1))] as State
  const actions = parts.length === 1 ? [] : ((parts[0] as string).split(',') as Action[])
  return { actions, next }
}
