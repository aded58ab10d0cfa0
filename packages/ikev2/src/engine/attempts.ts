import type { CryptoPort } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import { createAuthTask } from '../auth/initiator.ts'
import type { SessionId } from '../ids.ts'
import { type AttemptHost, type ConnectCommand, InitialAttempt } from '../initial/initial-attempt.ts'
import type { Ikev2Output } from '../output.ts'
import type { InitialBirth } from '../sa/live-ike-sa.ts'
import type { Lives } from './lives.ts'
import { ownTerms } from './own-terms.ts'
import type { SessionTable } from './session-table.ts'

/** What attempts work with. */
export interface AttemptsOptions {
  readonly sessions: SessionTable
  readonly lives: Lives
  readonly vendorIds: readonly Uint8Array[]
}

/** The sessions that we begin, until they have keys. */
export class Attempts implements AttemptHost {
  readonly crypto: CryptoPort
  readonly #options: AttemptsOptions

  constructor(options: AttemptsOptions) {
    this.#options = options
    this.crypto = options.lives.crypto
  }

  /** Errors: `ERR_IKEV2_TERMS` when the terms hold no IKE suite; then the command did nothing. */
  connect(command: ConnectCommand, now: Instant): void {
    const { sessions, lives, vendorIds } = this.#options
    if (command.terms.ikeSuites.length === 0)
      throw Object.assign(new Error('terms without an IKE suite'), { code: 'ERR_IKEV2_TERMS' })
    if (sessions.holder(command.session)) return
    const kept = { ...command, terms: ownTerms(command.terms) }
    const attempt = new InitialAttempt(this, kept, lives.newIkeSpi(), vendorIds, now)
    sessions.add(attempt)
    sessions.hold(command.session, attempt)
    this.reschedule(attempt)
  }

  emit(output: Ikev2Output): void {
    this.#options.lives.emit(output)
  }

  drop(session: SessionId, reason: string, now: Instant): void {
    this.#options.lives.drop(session, reason, now)
  }

  concluded(attempt: InitialAttempt, birth: InitialBirth, now: Instant): void {
    const { lives } = this.#options
    const { session, replaces } = attempt.command
    lives.forgetAttempt(attempt)
    const sa = lives.begin(session, birth, replaces)
    sa.exchanges.begin(createAuthTask(sa, now), now)
  }

  failed(attempt: InitialAttempt, reason: string, byPeer: boolean): void {
    const { lives, sessions } = this.#options
    const { session, path } = attempt.command
    lives.forgetAttempt(attempt)
    sessions.release(session)
    lives.emit({ type: 'event', session, event: { type: 'refused', path, reason, byPeer } })
  }

  /** Its deadline has changed, if it still lives. */
  reschedule(attempt: InitialAttempt): void {
    const { lives, sessions } = this.#options
    if (sessions.bySpi(attempt.ownSpi) === attempt) lives.deadlines.schedule(attempt, attempt.nextTimeout())
  }
}
