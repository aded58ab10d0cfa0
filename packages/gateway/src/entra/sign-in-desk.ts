import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { BrowserSignIn, SignInVerdict } from '@causeway/entra'
import { formatIpAddress, type IpAddress, ipAddress } from '@causeway/wire'

/** Ours: sign-ins that wait for a browser at once, in all and of one source: an office behind one address. */
export const WAITING_SIGN_INS = 1_000
export const WAITING_SIGN_INS_PER_SOURCE = 64

/** An id is all that is needed to see the page: as hard to guess as a key. 22 characters. */
const ID_BYTES = 16
const BINDING_BYTES = 32
/** Of the id, in the name of the cookie: a browser may have several sign-ins under way. */
const COOKIE_NAME_CHARACTERS = 8

type Denial = Extract<SignInVerdict, { readonly type: 'deny' }>

/** A VPN client that waits until its user has signed in. */
export interface Caller {
  readonly address: IpAddress
  /** What it calls itself: its own word. */
  readonly program: string
  /** Aborted when nobody waits any more. */
  readonly gone: AbortSignal
}

/** A sign-in that nobody has confirmed yet. */
export interface WaitingSignIn {
  readonly id: string
  readonly caller: Caller
  /** Unix seconds. */
  readonly since: number
}

/** What a browser is to be given so that it, and no other, can complete the sign-in. */
export interface Binding {
  readonly name: string
  readonly value: string
}

/** What a browser brought back from the provider. Nothing of it is trusted. */
export interface Return {
  readonly address: IpAddress
  readonly cookies: ReadonlyMap<string, string>
  readonly state: string
  readonly code: string | undefined
  readonly error: string | undefined
  readonly description: string | undefined
  readonly iss: string | undefined
}

/** What came of it, for the browser's page. */
export type Completion =
  | { readonly type: 'signed-in'; readonly user: string; readonly spent: string }
  | { readonly type: 'denied'; readonly userReason: string; readonly spent: string }
  /** No such sign-in: done, too late, or never begun. */
  | { readonly type: 'unknown' }
  /** Not the browser that confirmed it. The sign-in goes on waiting for that one. */
  | { readonly type: 'other-browser' }
  | { readonly type: 'elsewhere' }

export interface SignInDeskOptions {
  readonly signIn: BrowserSignIn
  readonly timeoutSeconds: number
  /** The browser must come from the address of the VPN client. */
  readonly sameAddress: boolean
  readonly unixSeconds: () => number
}

interface Entry extends WaitingSignIn {
  readonly source: string
  readonly settle: (verdict: SignInVerdict) => boolean
  binding: Binding | undefined
  state: string | undefined
}

/**
 * The sign-ins that wait for a browser. Each has an id, by which its page is shown, until a browser confirms that it is
 * its user's; from then on it has a state, by which the provider sends the browser back, and a secret that this browser
 * alone was given: a link that is sent to somebody else signs nobody in.
 */
export class SignInDesk {
  readonly #options: SignInDeskOptions
  readonly #entries = new Set<Entry>()
  readonly #byId = new Map<string, Entry>()
  readonly #byState = new Map<string, Entry>()

  constructor(options: SignInDeskOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#entries.size
  }

  /** Takes a client in. Its verdict comes within the time that the user has. */
  open(caller: Caller): { readonly type: 'opened'; id: string; verdict: Promise<SignInVerdict> } | Denial {
    if (!this.#makeRoom(caller.address)) return TOO_MANY
    const id = randomBytes(ID_BYTES).toString('base64url')
    const verdict = new Promise<SignInVerdict>(resolve => this.#add(id, caller, resolve))
    return { type: 'opened', id, verdict }
  }

  /** The sign-in that has this id and nobody has confirmed. */
  find(id: string): WaitingSignIn | undefined {
    return this.#byId.get(id)
  }

  /** Whether a browser at this address may be that of the client's user. */
  isPlaceOf({ caller }: WaitingSignIn, address: IpAddress): boolean {
    return !this.#options.sameAddress || sourceOf(caller.address) === sourceOf(address)
  }

  /** The user says that it is theirs. The id is used up by it, whatever comes of it. `undefined`: it was already. */
  async confirm(
    id: string,
  ): Promise<{ readonly type: 'confirmed'; url: string; binding: Binding } | Denial | undefined> {
    const entry = this.#byId.get(id)
    if (!entry) return undefined
    this.#byId.delete(id)
    const value = randomBytes(BINDING_BYTES).toString('base64url')
    const owner = { sessionId: value, source: entry.source }
    const { signIn, unixSeconds } = this.#options
    const started = await signIn.begin(owner, unixSeconds())
    if (started.type === 'deny') {
      entry.settle(started)
      return started
    }
    const binding = { name: cookieName(id), value }
    if (!this.#entries.has(entry)) {
      signIn.cancel(value)
      return undefined
    }
    Object.assign(entry, { binding, state: started.state })
    this.#byState.set(started.state, entry)
    return { type: 'confirmed', url: started.url, binding }
  }

  /** Takes what the provider sent the browser back with. A state is good for one time, in the browser that is bound to it. */
  async complete(back: Return): Promise<Completion> {
    const entry = this.#byState.get(back.state)
    if (!entry?.binding) return { type: 'unknown' }
    const { name, value } = entry.binding
    if (!sameSecret(back.cookies.get(name) ?? '', value)) return { type: 'other-browser' }
    if (!this.isPlaceOf(entry, back.address)) return { type: 'elsewhere' }
    this.#byState.delete(back.state)
    const { signIn, unixSeconds } = this.#options
    const { code, error, description, iss, state } = back
    const callback = {
      ...{ sessionId: value, source: entry.source, state },
      ...(code !== undefined && { code }),
      ...(error !== undefined && { error }),
      ...(description !== undefined && { description }),
      ...(iss !== undefined && { iss }),
    }
    const verdict = await signIn.complete(callback, unixSeconds())
    const isHeard = entry.settle(verdict)
    if (verdict.type === 'deny') return { type: 'denied', userReason: verdict.userReason, spent: name }
    if (isHeard) return { type: 'signed-in', user: verdict.user, spent: name }
    if (verdict.handle) signIn.forget(verdict.handle)
    return { type: 'denied', userReason: 'the VPN client does not wait any more', spent: name }
  }

  /** Nobody may complete a sign-in here any more. */
  close(): void {
    const changed = denyForNow('the configuration of the gateway was changed', 'sign in again')
    for (const entry of [...this.#entries]) entry.settle(changed)
  }

  /**
   * False: the source has enough, or its customer as many as any other. Where all places are taken, the customer who has
   * the most of them gives one up: no few of them lock out all others.
   */
  #makeRoom(address: IpAddress): boolean {
    const source = sourceOf(address)
    const own = [...this.#entries].filter(entry => entry.source === source)
    if (own.length >= WAITING_SIGN_INS_PER_SOURCE) return false
    if (this.#entries.size < WAITING_SIGN_INS) return true
    const crowds = new Map<string, Entry[]>()
    for (const entry of this.#entries) {
      const customer = customerOf(entry.caller.address)
      const crowd = crowds.get(customer)
      if (crowd) crowd.push(entry)
      else crowds.set(customer, [entry])
    }
    const [largest = []] = [...crowds.values()].toSorted((one, other) => other.length - one.length)
    const present = crowds.get(customerOf(address))?.length ?? 0
    // Whoever is at the provider already goes on.
    const leaving = largest.find(({ binding }) => !binding) ?? largest[0]
    return largest.length > present + 1 && leaving?.settle(TOO_MANY) === true
  }

  #add(id: string, caller: Caller, resolve: (verdict: SignInVerdict) => void): void {
    const { timeoutSeconds, unixSeconds } = this.#options
    const late = deny(`nobody signed in within ${timeoutSeconds} s`, 'the sign-in took too long, try again')
    const timer = setTimeout(() => settle(late), timeoutSeconds * 1_000)
    const leave = (): void => void settle(denyForNow('the client left', 'try again'))
    const settle = (verdict: SignInVerdict): boolean => {
      if (!this.#entries.delete(entry)) return false
      clearTimeout(timer)
      caller.gone.removeEventListener('abort', leave)
      this.#forget(entry)
      resolve(verdict)
      return true
    }
    const source = sourceOf(caller.address)
    const since = unixSeconds()
    const entry: Entry = { id, caller, source, since, settle, binding: undefined, state: undefined }
    this.#entries.add(entry)
    this.#byId.set(id, entry)
    if (caller.gone.aborted) leave()
    else caller.gone.addEventListener('abort', leave)
  }

  #forget({ id, state, binding }: Entry): void {
    this.#byId.delete(id)
    if (state !== undefined) this.#byState.delete(state)
    if (binding) this.#options.signIn.cancel(binding.value)
  }
}

/** Where somebody is: behind one IPv4 address, as behind one IPv6 /64, is one household or office. */
export function sourceOf(address: IpAddress): string {
  return networkOf(address, NETWORK_BYTES)
}

/** Whose the address is: some have many IPv6 networks (RFC 6177). */
function customerOf(address: IpAddress): string {
  return networkOf(address, CUSTOMER_BYTES)
}

function networkOf(address: IpAddress, bytes: number): string {
  if (address.family === 4) return formatIpAddress(address)
  const network = new Uint8Array(address.bytes.length)
  network.set(address.bytes.subarray(0, bytes))
  return `${formatIpAddress(ipAddress(network))}/${bytes * 8}`
}

const NETWORK_BYTES = 8
const CUSTOMER_BYTES = 6

/** `__Host-`: set by this host alone, under TLS (RFC 6265bis §4.1.3.2). */
function cookieName(id: string): string {
  return `__Host-signin-${id.slice(0, COOKIE_NAME_CHARACTERS)}`
}

function sameSecret(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const TOO_MANY = denyForNow('too many sign-ins wait', 'too many sign-ins, try again later')

function deny(reason: string, userReason: string): Denial {
  return { type: 'deny', reason, userReason, temporary: false }
}

function denyForNow(reason: string, userReason: string): Denial {
  return { ...deny(reason, userReason), temporary: true }
}
