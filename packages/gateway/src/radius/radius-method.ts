import type { RadiusAnswer } from '@causeway/radius'
import { utf8Bytes } from '@causeway/wire'
import type {
  AuthenticationMethod,
  Credentials,
  Identity,
  TunnelType,
  Verdict,
} from '../authentication/identity.ts'
import { printableName } from '../authentication/printable-name.ts'
import { claimedUser } from '../eap/claimed-name.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Challenges } from './challenges.ts'
import { peerAttributes } from './peer-attributes.ts'
import type { RadiusQuestions } from './radius-service.ts'
import { verdictOf } from './radius-verdict.ts'

/** User name and password of a client in the clear (OpenVPN's), judged by RADIUS as PAP. */
export class RadiusPasswordMethod implements AuthenticationMethod {
  readonly name = 'radius'
  readonly tunnels: ReadonlySet<TunnelType>
  readonly #radius: RadiusQuestions
  readonly #clock: Clock
  readonly #challenges: Challenges

  /** @param challenges those that are open, whoever has asked them. */
  constructor(
    radius: RadiusQuestions,
    tunnels: ReadonlySet<TunnelType>,
    clock: Clock,
    challenges: Challenges,
  ) {
    this.#radius = radius
    this.tunnels = tunnels
    this.#clock = clock
    this.#challenges = challenges
  }

  accepts({ username, password }: Credentials): boolean {
    return username !== undefined && username !== '' && password !== undefined && password !== ''
  }

  async authenticate(credentials: Credentials): Promise<Verdict> {
    const { username = '', password = '' } = credentials
    const taken = this.#challenges.take(username, password)
    if (taken === 'expired') return EXPIRED
    const answer = await this.#radius.ask({
      userName: username,
      credential: { type: 'password', password: utf8Bytes(taken?.answer ?? password) },
      attributes: peerAttributes(credentials),
      ...(taken && { continuation: taken.continuation }),
    })
    return this.#verdict(answer, username)
  }

  /** Whom RADIUS let in stays until the terms of its session end it. */
  recheck(_credentials: Credentials, identity: Identity): Verdict {
    return { type: 'allow', identity }
  }

  #verdict(answer: RadiusAnswer, username: string): Verdict {
    if (answer.type === 'recorded') throw new Error('an accounting answer to an access request')
    if (answer.type !== 'challenge') return verdictOf(answer, username, this.#clock.unixSeconds())
    const { continuation, replyMessages, sessionTimeoutSeconds } = answer
    const text = printableName(replyMessages.join(' ')).slice(0, TEXT_CHARACTERS)
    return {
      type: 'deny',
      reason: `RADIUS server ${answer.server} asks ${claimedUser(username)} for more`,
      userReason: this.#challenges.ask(username, continuation, text, sessionTimeoutSeconds),
      temporary: false,
      undecided: true,
    }
  }
}

/** Of a question; a name of usual length has room beside it. */
const TEXT_CHARACTERS = 120

const EXPIRED: Verdict = {
  type: 'deny',
  reason: 'the answer to a challenge came too late, or twice, or from somebody else',
  userReason: 'the challenge has expired, sign in again',
  temporary: false,
}
