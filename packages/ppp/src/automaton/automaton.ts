import { type Action, type AutomatonEvent, type State, transition } from './table.ts'

/** Values of the restart counter (RFC 1661 §4.6). */
export interface CounterLimits {
  readonly maxConfigure: number
  readonly maxTerminate: number
}

/** States in which the restart timer runs (RFC 1661 §4.1). */
const TIMED: readonly State[] = ['Closing', 'Stopping', 'Req-Sent', 'Ack-Rcvd', 'Ack-Sent']

/**
 * Runs the table (RFC 1661 §4.1) and keeps the restart counter (§4.6): `irc` sets it to Max-Terminate where a
 * Terminate-Request follows and else to Max-Configure, `zrc` to zero, and each Request that is sent counts it down.
 *
 * An event that an action brings about waits until the transition is through.
 */
export class Automaton {
  readonly #limits: CounterLimits
  readonly #act: (action: Action) => void
  readonly #waiting: AutomatonEvent[] = []
  #state: State = 'Initial'
  #counter = 0
  #isActing = false

  /** `act` carries out an action; the counter is seen to here. The state is by then the next one. */
  constructor(limits: CounterLimits, act: (action: Action) => void) {
    this.#limits = limits
    this.#act = act
  }

  get state(): State {
    return this.#state
  }

  /** Requests left to be sent without an answer. */
  get counter(): number {
    return this.#counter
  }

  /** Whether the restart timer is to run. */
  get isTimed(): boolean {
    return TIMED.includes(this.#state)
  }

  /** The restart timer has gone off. */
  handleTimeout(): void {
    this.handle(this.#counter > 0 ? 'TO+' : 'TO-')
  }

  /** Takes an event; one that cannot happen in this state does nothing. */
  handle(event: AutomatonEvent): void {
    this.#waiting.push(event)
    if (this.#isActing) return
    this.#isActing = true
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#run(next)
    this.#isActing = false
  }

  #run(event: AutomatonEvent): void {
    const found = transition(this.#state, event)
    if (!found) return
    this.#state = found.next
    for (const action of found.actions) this.#do(action, found.actions)
  }

  #do(action: Action, actions: readonly Action[]): void {
    const { maxConfigure, maxTerminate } = this.#limits
    if (action === 'irc') this.#counter = actions.includes('str') ? maxTerminate : maxConfigure
    else if (action === 'zrc') this.#counter = 0
    else if (action === 'scr' || action === 'str') this.#counter = Math.max(0, this.#counter - 1)
    this.#act(action)
  }
}
