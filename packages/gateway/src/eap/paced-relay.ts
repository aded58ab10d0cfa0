import type { IpAddress } from '@causeway/wire'
import { nameClaim } from '../authentication/sign-in-claim.ts'
import { outcomeOf, type SignInAttempt, type SignInPace } from '../authentication/sign-in-pace.ts'
import type {
  JudgedMschapv2,
  Mschapv2Attempt,
  RelayedEap,
  SignInRelay,
  SignInServer,
} from './sign-in-relay.ts'

/** A relay whose server is asked nothing for a peer that has to wait. */
export class PacedRelay implements SignInRelay {
  readonly #server: SignInServer
  readonly #pace: SignInPace
  readonly #source: IpAddress | undefined
  /** Of the EAP conversation, until it is settled. */
  #attempt: SignInAttempt | undefined
  #asking = false
  #closed = false

  constructor(server: SignInServer, pace: SignInPace, source: IpAddress | undefined) {
    this.#server = server
    this.#pace = pace
    this.#source = source
  }

  async forward(packet: Uint8Array, identity: string): Promise<RelayedEap> {
    const attempt = this.#attempt ?? this.#pace.begin(nameClaim('radius', this.#source, identity))
    if (attempt.type === 'deny') return { type: 'judged', verdict: attempt, keys: undefined, msk: undefined }
    this.#attempt = attempt
    this.#asking = true
    const answer = await this.#ask(attempt, packet, identity)
    this.#asking = false
    if (answer.type === 'judged') attempt.settle(outcomeOf(answer.verdict))
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

  async #ask(attempt: SignInAttempt, packet: Uint8Array, identity: string): Promise<RelayedEap> {
    try {
      return await this.#server.forward(packet, identity)
    } catch (error) {
      attempt.settle('unjudged')
      throw error
    }
  }
}
