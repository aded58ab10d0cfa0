import type { BrowserSignIn, SignInVerdict } from '@causeway/entra'
import type { Logger } from 'pino'
import type {
  AuthenticationMethod,
  Credentials,
  Identity,
  SessionTerms,
  TunnelType,
  Verdict,
} from '../authentication/identity.ts'
import { printableName } from '../authentication/printable-name.ts'
import { isNoPassword } from '../authentication/sign-in-token.ts'
import type { EntraBrowserConfiguration } from '../configuration.ts'
import { membershipsOf } from './memberships.ts'
import { RefreshWatch } from './refresh-watch.ts'
import type { SignInDesk } from './sign-in-desk.ts'
import { SIGN_IN_PATH } from './sign-in-routes.ts'
import { originOf } from './token-origin.ts'

export interface BrowserMethodOptions {
  readonly configuration: EntraBrowserConfiguration
  readonly sessionSecondsPastExpiry: number
  readonly signIn: BrowserSignIn
  readonly desk: SignInDesk
  readonly tunnels: ReadonlySet<TunnelType>
  /** Tunnel types of the methods that come before the browser where a client brings what they judge. */
  readonly byPassword: ReadonlySet<TunnelType>
  readonly byCertificate: ReadonlySet<TunnelType>
  readonly unixSeconds: () => number
  readonly log: Logger
}

/** The client waits so much longer than the user has: our reason comes before its own. */
const LAST_WORD_SECONDS = 5

type SignedIn = Exclude<SignInVerdict, { readonly type: 'deny' }>

/**
 * Sign-in through the browser of the user. It takes every client that can open a page, but for those that brought what
 * another method of their tunnel type judges: a user name and a password, where RADIUS is configured; a certificate and
 * no password, where certificates are. Where RADIUS is not, a user name and a password mean nothing, and what profiles
 * for the browser have there never does. Tokens are judged before this.
 */
export class BrowserMethod implements AuthenticationMethod {
  readonly name = 'entra'
  readonly asksElsewhere = true
  readonly tunnels: ReadonlySet<TunnelType>
  readonly #options: BrowserMethodOptions

  constructor(options: BrowserMethodOptions) {
    this.#options = options
    this.tunnels = options.tunnels
  }

  accepts({ browser, remote, tunnel, username = '', password = '', peerChain }: Credentials): boolean {
    if (!browser || !remote) return false
    const { byPassword, byCertificate } = this.#options
    const isForPassword = byPassword.has(tunnel) && username !== '' && !isNoPassword(password)
    const isForCertificate = byCertificate.has(tunnel) && peerChain.length > 0 && password === ''
    return !isForPassword && !isForCertificate
  }

  async authenticate({ browser, remote }: Credentials): Promise<Verdict> {
    if (!browser || !remote) throw new Error('a sign-in through the browser without a browser')
    const { desk, configuration } = this.#options
    const { program, gone } = browser
    const opened = desk.open({ address: remote.address, program, gone })
    if (opened.type === 'deny') return refusal(opened)
    const url = `${configuration.publicUrl}${SIGN_IN_PATH}${opened.id}`
    browser.open(url, configuration.timeoutSeconds + LAST_WORD_SECONDS)
    const verdict = await opened.verdict
    return verdict.type === 'deny' ? refusal(verdict) : this.#admit(verdict)
  }

  /** Who signed in stays until the terms of the session end it. `EntraMethod` judges before, for both. */
  recheck(_credentials: Credentials, identity: Identity): Verdict {
    return { type: 'allow', identity }
  }

  #admit(signedIn: SignedIn): Verdict {
    const { subject, warning } = signedIn
    const { log } = this.#options
    if (warning !== undefined) log.warn({ warning }, `Entra ID: ${warning}`)
    const user = printableName(signedIn.user)
    return {
      type: 'allow',
      identity: {
        user,
        subject,
        description: `${user} (Entra ID by the browser, ${subject})`,
        thumbprint: undefined,
        memberships: membershipsOf(signedIn, log),
        token: originOf(signedIn),
      },
      terms: this.#terms(signedIn),
    }
  }

  /** A session that is asked about again lasts as long as the answer is yes; any other as with a token. */
  #terms({ handle, expiresAt }: SignedIn): SessionTerms {
    const { configuration, sessionSecondsPastExpiry, signIn, unixSeconds } = this.#options
    const { recheckSeconds: everySeconds } = configuration
    if (handle && everySeconds > 0) {
      const times = { everySeconds, expiresAt, sessionSecondsPastExpiry, unixSeconds }
      return { broughtNothing: true, watch: new RefreshWatch({ ...times, handle, signIn }) }
    }
    if (handle) signIn.forget(handle)
    return { broughtNothing: true, endsAt: expiresAt + sessionSecondsPastExpiry }
  }
}

function refusal({ reason, userReason, temporary }: Extract<SignInVerdict, { type: 'deny' }>): Verdict {
  return {
    type: 'deny',
    reason: `browser sign-in refused: ${reason}`,
    userReason: printableName(userReason),
    temporary,
  }
}
