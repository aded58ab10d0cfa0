import type { IpAddress } from '@causeway/wire'
import type { Verdict } from '../authentication/identity.ts'
import { nameClaim } from '../authentication/sign-in-claim.ts'
import {
  outcomeOf,
  type SignInAttempt,
  type SignInOutcome,
  type SignInPace,
} from '../authentication/sign-in-pace.ts'
import type {
  JudgedMschapv2,
  Mschapv2Attempt,
  RelayedEap,
  SignInRelay,
  SignInServer,
} from './sign-in-relay.ts'

const EAP_MSCHAPV2 = 26
/** OpCode of EAP-MSCHAPv2: what a password is proven by. */
const MSCHAPV2_RESPONSE = 2
/** Identity and Nak (RFC 3748 §5.1, §5.3). */
const BEFORE_METHODS: ReadonlySet<number> = new Set([1, 3])
/** MD5-Challenge, One-Time Password, Generic Token Card, and MS-CHAPv2: of the user whom EAP's Identity names. */
const PROVE_IDENTITY: ReadonlySet<number> = new Set([4, 5, 6, EAP_MSCHAPV2])

/** A relay whose server is asked nothing for a peer that has to wait. */
export class PacedRelay implements SignInRelay {
  readonly #server: SignInServer
  readonly #pace: SignInPace
  readonly #source: IpAddress | undefined
  /** Of the EAP conversation, until it is settled. */
  #attempt: SignInAttempt | undefined
  #asking = false
  /** Of the method in which the peer answered last. */
  #method = 0
  #hasGivenPassword = false
  #closed = false

  constructor(server: SignInServer, pace: SignInPace, source: IpAddress | undefined) {
    this.#server = server
    this.#pace = pace
    this.#source = source
  }

  async forward(packet: Uint8Array, identity: string): Promise<RelayedEap> {
    this.#look(packet)
    const attempt = this.#attempt ?? this.#pace.begin(nameClaim('radius', this.#source, identity))
    if (attempt.type === 'deny') return { type: 'judged', verdict: attempt, keys: undefined, msk: undefined }
    this.#attempt = attempt
    this.#asking = true
    const answer = await this.#ask(attempt, packet, identity)
    this.#asking = false
    if (answer.type === 'judged') attempt.settle(this.#outcomeOf(answer.verdict))
    else if (this.#closed) attempt.settle('wrong')
    return answer
  }

  async mschapv2(response: Mschapv2Attempt): Promise<JudgedMschapv2> {
    const claim = nameClaim('radius', this.#source, response.username)
    let judged: JudgedMschapv2 | undefined
    const verdict = await this.#pace.judge(claim, async () => {
      judged = await this.#server.mschapv2(response)
      return judged.verdict
    })
    return judged ?? { verdict, keys: undefined, authenticatorResponse: undefined, error: undefined }
  }

  /**
   * Who goes without a verdict has failed: MS-CHAPv2 inside EAP tells a peer that its password is wrong before the
   * server says no, and who guesses would not stay for that.
   */
  close(): void {
    this.#closed = true
    if (!this.#asking) this.#attempt?.settle('wrong')
  }

  /** Servers may let a peer of EAP-MSCHAPv2 try another password in the same conversation: each is an attempt. */
  #look(packet: Uint8Array): void {
    const [, , , , method = 0, operation] = packet
    if (!BEFORE_METHODS.has(method)) this.#method = method
    if (method !== EAP_MSCHAPV2 || operation !== MSCHAPV2_RESPONSE) return
    if (this.#hasGivenPassword) {
      this.#attempt?.settle('wrong')
      this.#attempt = undefined
    }
    this.#hasGivenPassword = true
  }

  /**
   * Inside PEAP and TTLS, and by a certificate, it may be somebody else than the name outside who is let in: nothing is
   * cleared by that, or any account would be good for guessing at all others.
   */
  #outcomeOf(verdict: Verdict): SignInOutcome {
    const outcome = outcomeOf(verdict)
    return outcome === 'right' && !PROVE_IDENTITY.has(this.#method) ? 'let-in' : outcome
  }

  async #ask(attempt: SignInAttempt, packet: Uint8Array, identity: string): Promise<RelayedEap> {
    try {
      return await this.#server.forward(packet, identity)
    } catch (error) {
      attempt.settle('unjudged')
      throw error
    }
  }
}
