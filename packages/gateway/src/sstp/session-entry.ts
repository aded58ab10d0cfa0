import type { FlowCounters } from '@causeway/datapath'
import type { CallId } from '@causeway/sstp'
import { formatEndpoint } from '@causeway/wire'
import type { Credentials, Identity, SessionTerms } from '../authentication/identity.ts'
import type { Lease } from '../pool/address-pool.ts'
import type { AdmittedGuest } from '../session/admission.ts'
import type { EndManner, Session } from '../session/session.ts'
import type { UserPlan } from '../session/user-plan.ts'
import type { Caller } from './caller.ts'
import type { SstpDriver } from './sstp-driver.ts'

/** What an entry shows of. */
export interface SessionEntryParts {
  readonly driver: SstpDriver
  readonly call: CallId
  readonly caller: Caller
  readonly guest: AdmittedGuest
  readonly startedAt: number
}

/** A call in the gateway's session list. */
export class SessionEntry implements Session {
  readonly protocol: Session['protocol'] = 'SSTP'
  readonly transport: Session['transport'] = 'tcp'
  readonly startedAt: number
  readonly #parts: SessionEntryParts

  constructor(parts: SessionEntryParts) {
    this.#parts = parts
    this.startedAt = parts.startedAt
  }

  get id(): string {
    return this.#parts.caller.id
  }

  get identity(): Identity {
    return this.#parts.guest.identity
  }

  /** Without the IPv6 address that comes with it from the pool: the client is never told of that. */
  get lease(): Lease {
    const { ipv4 } = this.#parts.guest.lease
    return { ...(ipv4 && { ipv4 }) }
  }

  get plan(): UserPlan {
    return this.#parts.guest.plan
  }

  get terms(): SessionTerms {
    return this.#parts.guest.terms
  }

  get credentials(): Credentials {
    return this.#parts.guest.credentials
  }

  get cipher(): string {
    return this.#parts.caller.cipher
  }

  get clientVersion(): string {
    return this.#parts.caller.software
  }

  outer(): string {
    return formatEndpoint(this.#parts.caller.outer)
  }

  counters(): FlowCounters {
    const { driver, call, caller } = this.#parts
    return driver.counters(call) ?? caller.counters
  }

  end(_manner: EndManner, reason: string): void {
    const { driver, call } = this.#parts
    driver.command({ type: 'disconnect', call, reason })
  }
}
