import type { TokenValidator } from '@causeway/entra'
import type { Logger } from 'pino'
import type {
  AuthenticationMethod,
  Credentials,
  Identity,
  TokenOrigin,
  TunnelType,
  Verdict,
} from '../authentication/identity.ts'
import { membershipsOf } from './memberships.ts'
import { originOf } from './token-origin.ts'

export interface EntraMethodOptions {
  readonly validator: TokenValidator
  /** Whether tokens of this origin are accepted, however they come. */
  readonly isAccepted: (origin: TokenOrigin) => boolean
  /** How long after its token's end a session may go on. */
  readonly sessionSecondsPastExpiry: number
  readonly tunnels: ReadonlySet<TunnelType>
  readonly unixSeconds: () => number
  readonly log: Logger
}

/** Header, claims and signature, each in base64url (RFC 7515 §7.1). */
const TOKEN = /^[\w-]{10,}\.[\w-]{10,}\.[\w-]*$/

/** A token may have expired some minutes ago for clocks' sake: a session that would end at once is none. */
const TIME_IS_OVER: Verdict = {
  type: 'deny',
  reason: 'access token refused: the time of its session is over (sessionSecondsPastExpiry)',
  userReason: 'the sign-in has expired, sign in again',
  temporary: false,
}

const NO_LONGER_ACCEPTED: Verdict = {
  type: 'deny',
  reason: 'the sign-in was at a provider, in a tenant or for an application that is accepted no longer',
  userReason: 'sign in again',
  temporary: false,
}

/**
 * An access token of Entra ID as the password; the user name that comes with it means nothing. What is no token is
 * left to another method.
 */
export class EntraMethod implements AuthenticationMethod {
  readonly name = 'entra'
  readonly tunnels: ReadonlySet<TunnelType>
  readonly #options: EntraMethodOptions

  constructor(options: EntraMethodOptions) {
    this.#options = options
    this.tunnels = options.tunnels
  }

  accepts({ password }: Credentials): boolean {
    return password !== undefined && TOKEN.test(password)
  }

  async authenticate({ password = '' }: Credentials): Promise<Verdict> {
    const { validator, unixSeconds, log, sessionSecondsPastExpiry } = this.#options
    const now = unixSeconds()
    const verdict = await validator.validate(password, now)
    if (verdict.type === 'deny') return { ...verdict, reason: `access token refused: ${verdict.reason}` }
    const { user, subject, expiresAt, warning } = verdict
    const endsAt = expiresAt + sessionSecondsPastExpiry
    if (endsAt <= now) return TIME_IS_OVER
    if (warning !== undefined) log.warn({ warning }, `Entra ID: ${warning}`)
    return {
      type: 'allow',
      identity: {
        user,
        subject,
        description: `${user} (Entra ID, ${subject})`,
        thumbprint: undefined,
        memberships: membershipsOf(verdict, log),
        token: originOf(verdict),
      },
      terms: { endsAt },
    }
  }

  /**
   * Whom a token let in, brought by the client or by a browser, stays until the terms of the session end it: while its
   * issuer, its tenant and one of its audiences are accepted.
   */
  recheck(_credentials: Credentials, identity: Identity): Verdict {
    const isAccepted = identity.token !== undefined && this.#options.isAccepted(identity.token)
    return isAccepted ? { type: 'allow', identity } : NO_LONGER_ACCEPTED
  }
}
