import type { Instant } from '@causeway/engine'
import { formatIpAddress, formatIpPrefix, type IpAddress, ipPrefix } from '@causeway/wire'
import { type BackOffRule, BackOffTable } from './back-off-table.ts'
import type { MethodName, Verdict } from './identity.ts'
import { KnownPlaces } from './known-places.ts'
import type { SignInClaim, SignInSubject } from './sign-in-claim.ts'

type Denial = Extract<Verdict, { readonly type: 'deny' }>

/**
 * How a sign-in ended. - `let-in`: perhaps as somebody else than it said to be. - `asked`: more is asked for. - `unjudged`: nobody could say, as when no server answered; whoever
 * has failed too often before waits as if it had been asked for nothing.
 */
export type SignInOutcome = 'right' | 'let-in' | 'wrong' | 'asked' | 'unjudged'

/** A sign-in that may be judged. Until it is settled, what could be guessed counts as if it were wrong. */
export interface SignInAttempt {
  readonly type: 'attempt'
  /** Only the first call counts. */
  settle(outcome: SignInOutcome): void
}

/**
 * One name or proof from one source. People mistype a password a few times and a saved one is tried for ever; who
 * guesses has, after the first, 12 an hour.
 */
const PAIR: BackOffRule = {
  free: 5,
  firstMilliseconds: 2_000,
  longestMilliseconds: 300_000,
  forgetMilliseconds: 300_000,
}

/**
 * One name from all sources where it has not signed in lately: who guesses from many has 120 an hour together. The
 * longest wait is short, as it also meets the user who signs in from a new place meanwhile.
 */
const NAME: BackOffRule = {
  free: 20,
  firstMilliseconds: 1_000,
  longestMilliseconds: 30_000,
  forgetMilliseconds: 30_000,
}

/**
 * One source, with whatever names: an office behind one address may mistype 60 times in a moment and 10 times a
 * minute, and so often may one machine try a password on everybody.
 */
const SOURCE: BackOffRule = {
  free: 60,
  firstMilliseconds: 1_000,
  longestMilliseconds: 6_000,
  forgetMilliseconds: 6_000,
}

/** Full of the longest names, with those for proofs: 20 MB. */
const MOST = { pairs: 16_384, names: 8_192, sources: 8_192 } as const

/** IPv6: what one customer usually has. */
const SOURCE_BITS_IPV6 = 64

/**
 * Who fails to sign in again and again has to wait, before any server is asked: by name and source first, then by name,
 * then by source. A source from which a name has signed in lately has only its own failures with that name to answer
 * for: nobody elsewhere, nor a neighbour behind the same address, locks its user out. Nothing here has a timer, and all
 * of it is bounded.
 */
export class SignInPace {
  readonly #now: () => Instant
  readonly #known = new KnownPlaces()
  /** Of what can be guessed, and of what cannot: passwords that are wrong keep no certificate out. */
  readonly #guesses = new Failures({ countsPending: true })
  #proofs = proofFailures()

  constructor(now: () => Instant) {
    this.#now = now
  }

  /** Judges a sign-in, unless it has to wait. Errors: as `judge`. */
  async judge(claim: SignInClaim, judge: () => Verdict | Promise<Verdict>): Promise<Verdict> {
    const attempt = this.begin(claim)
    if (attempt.type === 'deny') return attempt
    let outcome: SignInOutcome = 'unjudged'
    try {
      const verdict = await judge()
      outcome = outcomeOf(verdict)
      return verdict
    } finally {
      attempt.settle(outcome)
    }
  }

  /** Asked before anything else is done about a sign-in. What it gives must be settled. */
  begin({ method, source, subject }: SignInClaim): SignInAttempt | Denial {
    const now = this.#now()
    const failures = method === 'radius' ? this.#guesses : this.#proofs
    const place = placeOf(source)
    const known = subject !== undefined && this.#known.has(subject.key, place, now)
    const free = known || this.#known.has(neighbourKey(method, subject, place), place, now)
    const keys: Keys = {
      pair: subject && `${subject.key}\n${place}`,
      name: known ? undefined : subject?.bareKey,
      source: `${method} ${place}`,
    }
    const refusal = failures.refusal(keys, free, now)
    if (refusal) return denial(refusal, subject, place)
    failures.begin(keys, free, now)
    return new Attempt(outcome => {
      const later = this.#now()
      failures.settle(keys, outcome, later)
      if (subject && (outcome === 'right' || outcome === 'let-in'))
        this.#note(outcome, method, subject, place)
    })
  }

  #note(outcome: 'right' | 'let-in', method: MethodName, subject: SignInSubject, place: string): void {
    const now = this.#now()
    const isName = subject.type === 'name'
    if (outcome === 'let-in' || !isName) this.#known.note(neighbourKey(method, subject, place), place, now)
    // Tokens are others each hour.
    if (outcome === 'right' && method !== 'entra') this.#known.note(subject.key, place, now)
  }

  /** Whom the gateway trusts has changed: a certificate or token that was wrong may be right now. */
  forgetProofs(): void {
    this.#proofs = proofFailures()
  }
}

/** What a verdict says of what was brought. */
export function outcomeOf(verdict: Verdict): SignInOutcome {
  if (verdict.type === 'allow') return 'right'
  if (verdict.undecided) return 'asked'
  return verdict.temporary ? 'unjudged' : 'wrong'
}

/**
 * Who has not to answer for the neighbours behind an address: a name that was let in from there, and where one was good
 * all certificates, or all tokens, as they cannot be guessed.
 */
function neighbourKey(method: MethodName, subject: SignInSubject | undefined, place: string): string {
  return subject?.type === 'name' ? `let in ${subject.key}` : `${method} at ${place}`
}

class Attempt implements SignInAttempt {
  readonly type = 'attempt'
  #settle: ((outcome: SignInOutcome) => void) | undefined

  constructor(settle: (outcome: SignInOutcome) => void) {
    this.#settle = settle
  }

  settle(outcome: SignInOutcome): void {
    this.#settle?.(outcome)
    this.#settle = undefined
  }
}

/** What a sign-in counts against; `undefined`: nothing of that kind. */
interface Keys {
  readonly pair: string | undefined
  readonly name: string | undefined
  readonly source: string
}

/** Why a sign-in has to wait. */
interface Refusal {
  readonly by: keyof Keys
  readonly milliseconds: number
}

/** Nothing is guessed by many at a time: the devices of an office may share a certificate, and all come at once. */
function proofFailures(): Failures {
  return new Failures({ countsPending: false })
}

class Failures {
  readonly #countsPending: boolean
  readonly #pairs = new BackOffTable(PAIR, MOST.pairs)
  readonly #names = new BackOffTable(NAME, MOST.names)
  readonly #sources = new BackOffTable(SOURCE, MOST.sources)

  /** @param options.countsPending whether what is not judged yet counts as failed: many at a time are not one. */
  constructor({ countsPending }: { readonly countsPending: boolean }) {
    this.#countsPending = countsPending
  }

  /** @param free of the failures of neighbours. */
  refusal({ pair, name, source }: Keys, free: boolean, now: Instant): Refusal | undefined {
    const waits: readonly Refusal[] = [
      { by: 'pair', milliseconds: pair === undefined ? 0 : this.#pairs.wait(pair, now) },
      { by: 'name', milliseconds: name === undefined ? 0 : this.#names.wait(name, now) },
      { by: 'source', milliseconds: free ? 0 : this.#sources.wait(source, now) },
    ]
    return waits.find(({ milliseconds }) => milliseconds > 0)
  }

  /** Nothing pending counts against a source: an office may have hundreds of telephones ringing for a second factor. */
  begin({ pair, name, source }: Keys, free: boolean, now: Instant): void {
    if (pair !== undefined && this.#countsPending) this.#pairs.begin(pair, now)
    if (name !== undefined && this.#countsPending) this.#names.begin(name, now)
    if (!free) this.#sources.hold(source, now)
  }

  settle({ pair, name, source }: Keys, outcome: SignInOutcome, now: Instant): void {
    if (outcome === 'wrong') {
      if (pair !== undefined) this.#pairs.fail(pair, now)
      if (name !== undefined) this.#names.fail(name, now)
      this.#sources.fail(source, now)
      return
    }
    const again = outcome !== 'unjudged'
    if (name !== undefined) this.#names.release(name, now, again)
    if (pair === undefined) return
    if (outcome === 'right') this.#pairs.forget(pair)
    else this.#pairs.release(pair, now, again)
  }
}

function placeOf(source: IpAddress | undefined): string {
  if (!source) return 'an unknown address'
  return source.family === 4 ? formatIpAddress(source) : formatIpPrefix(ipPrefix(source, SOURCE_BITS_IPV6))
}

function denial({ by, milliseconds }: Refusal, subject: SignInSubject | undefined, place: string): Denial {
  const whose =
    by === 'source' || !subject
      ? ''
      : subject.type === 'name'
        ? ` of ${subject.label}`
        : ` with ${subject.label}`
  const where = by === 'name' ? ', from several places' : ` from ${place}`
  return {
    type: 'deny',
    reason: `too many failed sign-ins${whose}${where}: wait ${Math.ceil(milliseconds / 1_000)} s`,
    userReason: 'too many failed sign-ins, try again later',
    temporary: true,
    because: 'back-off',
  }
}
