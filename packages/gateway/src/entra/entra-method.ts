import { createOpenIdProvider, createTokenValidator, type TokenValidator } from '@causeway/entra'
import type { Logger } from 'pino'
import type {
  AuthenticationMethod,
  Credentials,
  Identity,
  TunnelType,
  Verdict,
} from '../authentication/identity.ts'
import type { EntraConfiguration } from '../configuration.ts'

export interface EntraMethodOptions {
  readonly configuration: EntraConfiguration
  readonly tunnels: ReadonlySet<TunnelType>
  readonly unixSeconds: () => number
  readonly log: Logger
}

/** Header, claims and signature, each in base64url (RFC 7515 §7.1). */
const TOKEN = /^[\w-]{10,}\.[\w-]{10,}\.[\w-]*$/

/**
 * An access token of Entra ID as the password; the user name that comes with it means nothing. What is no token is
 * left to another method. Errors: `ERR_ENTRA_OPTION`.
 */
export class EntraMethod implements AuthenticationMethod {
  readonly name = 'entra'
  readonly tunnels: ReadonlySet<TunnelType>
  readonly #options: EntraMethodOptions
  readonly #validator: TokenValidator

  constructor(options: EntraMethodOptions) {
    const { authority, tenantId, issuer, audiences, httpsAuthority } = options.configuration
    this.#options = options
    this.tunnels = options.tunnels
    const issuers = [issuer]
    const keys = createOpenIdProvider({
      authority,
      issuers,
      ...(httpsAuthority !== undefined && { ca: [httpsAuthority] }),
    })
    this.#validator = createTokenValidator({ tenant: tenantId, issuers, audiences, keys })
  }

  accepts({ password }: Credentials): boolean {
    return password !== undefined && TOKEN.test(password)
  }

  async authenticate({ password = '' }: Credentials): Promise<Verdict> {
    const verdict = await this.#validator.validate(password, this.#options.unixSeconds())
    if (verdict.type === 'deny') return { ...verdict, reason: `access token refused: ${verdict.reason}` }
    const { user, subject, expiresAt, warning } = verdict
    if (warning !== undefined) this.#options.log.warn({ warning }, `Entra ID: ${warning}`)
    return {
      type: 'allow',
      identity: { user, description: `${user} (Entra ID, ${subject})`, thumbprint: undefined },
      terms: { endsAt: expiresAt + this.#options.configuration.sessionSecondsPastExpiry },
    }
  }

  /** Whom a token let in stays until the terms of the session end it. */
  recheck(_credentials: Credentials, identity: Identity): Verdict {
    return { type: 'allow', identity }
  }
}
