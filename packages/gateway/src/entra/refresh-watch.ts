import type { BrowserSignIn, RefreshHandle } from '@causeway/entra'
import type { SessionWatch, WatchVerdict } from '../authentication/identity.ts'

export interface RefreshWatchOptions {
  readonly everySeconds: number
  readonly handle: RefreshHandle
  readonly signIn: Pick<BrowserSignIn, 'recheck' | 'forget'>
  /** Of the ID token, in Unix seconds. */
  readonly expiresAt: number
  readonly sessionSecondsPastExpiry: number
  readonly unixSeconds: () => number
}

/** Asks the provider by the refresh token of a sign-in. */
export class RefreshWatch implements SessionWatch {
  readonly everySeconds: number
  readonly #options: RefreshWatchOptions
  #provenUntil: number

  constructor(options: RefreshWatchOptions) {
    this.#options = options
    this.everySeconds = options.everySeconds
    this.#provenUntil = options.expiresAt
  }

  get goodUntil(): number {
    return this.#provenUntil + this.#options.sessionSecondsPastExpiry
  }

  async ask(): Promise<WatchVerdict> {
    const { signIn, handle, unixSeconds } = this.#options
    const now = unixSeconds()
    const verdict = await signIn.recheck(handle, now)
    switch (verdict.type) {
      case 'allow':
        this.#provenUntil = Math.max(this.#provenUntil, verdict.expiresAt ?? now)
        return { type: 'allow' }
      case 'deny':
        return { ...verdict, reason: `the provider lets the user in no longer: ${verdict.reason}` }
      case 'unknown':
        return verdict
      default:
        return verdict satisfies never
    }
  }

  drop(): void {
    this.#options.signIn.forget(this.#options.handle)
  }
}
