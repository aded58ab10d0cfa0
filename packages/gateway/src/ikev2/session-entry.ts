import type { FlowCounters } from '@causeway/datapath'
import type { SessionId } from '@causeway/ikev2'
import { formatEndpoint } from '@causeway/wire'
import type { Credentials, Identity, SessionTerms } from '../authentication/identity.ts'
import type { Lease } from '../pool/address-pool.ts'
import type { EndManner, Session } from '../session/session.ts'
import type { UserPlan } from '../session/user-plan.ts'
import type { Candidate, Guest } from './candidate.ts'
import type { Ikev2Driver } from './ikev2-driver.ts'

/** What an entry shows of. */
export interface SessionEntryParts {
  readonly driver: Ikev2Driver
  readonly session: SessionId
  readonly candidate: Candidate
  readonly guest: Guest
  readonly startedAt: number
}

/** A session in the gateway's list. A class: there are thousands of them, and closures for each would be dear. */
export class SessionEntry implements Session {
  readonly protocol: Session['protocol'] = 'IkeV2'
  readonly startedAt: number
  readonly #driver: Ikev2Driver
  readonly #session: SessionId
  readonly #candidate: Candidate
  readonly #guest: Guest

  constructor({ driver, session, candidate, guest, startedAt }: SessionEntryParts) {
    this.#driver = driver
    this.#session = session
    this.#candidate = candidate
    this.#guest = guest
    this.startedAt = startedAt
  }

  get id(): string {
    return this.#candidate.id
  }

  get identity(): Identity {
    return this.#guest.identity
  }

  get lease(): Lease {
    return this.#guest.lease
  }

  get plan(): UserPlan {
    return this.#guest.plan
  }

  get terms(): SessionTerms {
    return this.#guest.terms
  }

  get credentials(): Credentials {
    return this.#guest.credentials
  }

  get transport(): Session['transport'] {
    return this.#driver.transport(this.#session)
  }

  get cipher(): string {
    return this.#candidate.cipher
  }

  get clientVersion(): string {
    return this.#candidate.software
  }

  outer(): string {
    const { outer } = this.#candidate
    return outer ? formatEndpoint(outer) : ''
  }

  counters(): FlowCounters {
    return this.#driver.counters(this.#session)
  }

  end(_manner: EndManner, reason: string): void {
    this.#driver.command({ type: 'disconnect', session: this.#session, reason })
  }
}
