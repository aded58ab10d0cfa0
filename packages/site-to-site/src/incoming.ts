import type { IncomingAnswer, Reason, ReasonCode } from './connection-output.ts'
import type { ConnectionMode } from './connection-plan.ts'
import type { Credential } from './own-certificate.ts'
import type { Surroundings } from './surroundings.ts'
import type { Tunnel } from './tunnel.ts'

/** What the answer depends on. */
export interface IncomingState {
  readonly mode: ConnectionMode | undefined
  readonly tunnel: Tunnel | undefined
  readonly terms: number
  readonly credential: Credential
}

/** Says whether a peer that begins may go on, and says each refusal once in a row. */
export class IncomingJudge {
  readonly #around: Surroundings
  /** A peer that comes every second must not fill the log. */
  #said: string | undefined

  constructor(around: Surroundings) {
    this.#around = around
  }

  judge(state: IncomingState): IncomingAnswer {
    const reason = refusalOf(state)
    if (reason && reason.message !== this.#said)
      this.#around.log('warning', reason.code, `a peer was not let in: ${reason.message}`)
    this.#said = reason?.message
    if (reason) return { type: 'refuse', reason }
    const material = state.credential.type === 'usable' ? state.credential.material : undefined
    return { type: 'accept', terms: state.terms, material }
  }
}

/** The mode is about the first session alone: the peer may renew one that is up. */
function refusalOf({ mode, tunnel, credential }: IncomingState): Reason | undefined {
  if (mode === undefined) return refusal('not-configured', 'the connection is not configured')
  if (!tunnel) return refusal('unknown-tunnel', 'the connection has no such tunnel')
  if (mode === 'InitiatorOnly' && !tunnel.hasSession)
    return refusal('initiator-only', 'the mode is InitiatorOnly: this end begins')
  return credential.type === 'unusable' ? credential.reason : undefined
}

function refusal(code: ReasonCode, message: string): Reason {
  return { code, message }
}
