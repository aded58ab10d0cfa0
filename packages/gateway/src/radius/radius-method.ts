import { randomBytes } from 'node:crypto'
import type { AccessAccept, AccessCredential, RadiusAnswer } from '@causeway/radius'
import { utf8Bytes } from '@causeway/wire'
import type {
  AuthenticationMethod,
  Credentials,
  Identity,
  TunnelType,
  Verdict,
} from '../authentication/identity.ts'
import { printableName } from '../authentication/printable-name.ts'
import { isToken } from '../authentication/sign-in-token.ts'
import type { RadiusConfiguration } from '../configuration.ts'
import { claimedUser } from '../eap/claimed-name.ts'
import type { Clock } from '../engine/clock.ts'
import type { Challenges } from './challenges.ts'
import { type Mschapv2Response, respondMschapv2 } from './mschapv2-response.ts'
import { peerAttributes } from './peer-attributes.ts'
import type { RadiusQuestions } from './radius-service.ts'
import { verdictOf } from './radius-verdict.ts'

/** How a password is asked about; `mschapv2` keeps it from the server, which has to know it or its hash. */
export type PasswordProtocol = RadiusConfiguration['passwordProtocol']

export interface RadiusPasswordMethodOptions {
  readonly radius: RadiusQuestions
  readonly tunnels: ReadonlySet<TunnelType>
  readonly clock: Clock
  /** Those that are open, whoever has asked them. */
  readonly challenges: Challenges
  readonly protocol: () => PasswordProtocol
}

/** User name and password of a client in the clear (OpenVPN's), judged by RADIUS. */
export class RadiusPasswordMethod implements AuthenticationMethod {
  readonly name = 'radius'
  readonly tunnels: ReadonlySet<TunnelType>
  readonly #options: RadiusPasswordMethodOptions

  constructor(options: RadiusPasswordMethodOptions) {
    this.tunnels = options.tunnels
    this.#options = options
  }

  accepts({ username, password }: Credentials): boolean {
    return username !== undefined && username !== '' && password !== undefined && password !== ''
  }

  async authenticate(credentials: Credentials): Promise<Verdict> {
    const { username = '', password = '' } = credentials
    if (isToken(password)) return OVER
    const taken = this.#options.challenges.take(username, password)
    if (taken === 'expired') return EXPIRED
    const mschapv2 = taken || this.#options.protocol() === 'pap' ? undefined : respond(username, password)
    const answer = await this.#options.radius.ask({
      userName: username,
      credential: mschapv2?.credential ?? plain(taken?.answer ?? password),
      attributes: peerAttributes(credentials),
      ...(taken && { continuation: taken.continuation }),
    })
    if (mschapv2 && answer.type === 'accept' && !isProven(answer, mschapv2)) return unproven(answer.server)
    return this.#verdict(answer, username)
  }

  /** Whom RADIUS let in stays until the terms of its session end it. */
  recheck(_credentials: Credentials, identity: Identity): Verdict {
    return { type: 'allow', identity }
  }

  #verdict(answer: RadiusAnswer, username: string): Verdict {
    if (answer.type === 'recorded') throw new Error('an accounting answer to an access request')
    if (answer.type !== 'challenge') return verdictOf(answer, username, this.#options.clock.unixSeconds())
    const { continuation, replyMessages, sessionTimeoutSeconds } = answer
    const text = printableName(replyMessages.join(' ')).slice(0, TEXT_CHARACTERS)
    return {
      type: 'deny',
      reason: `RADIUS server ${answer.server} asks ${claimedUser(username)} for more`,
      userReason: this.#options.challenges.ask(username, continuation, text, sessionTimeoutSeconds),
      temporary: false,
      undecided: true,
    }
  }
}

/** PAP. So are answers to questions: codes are no passwords, of which a server would have a hash. */
function plain(password: string): AccessCredential {
  return { type: 'password', password: utf8Bytes(password) }
}

function respond(username: string, password: string): Mschapv2Response {
  const [challenge, peerChallenge] = [randomBytes(CHALLENGE_BYTES), randomBytes(CHALLENGE_BYTES)]
  return respondMschapv2(username, password, { challenge, peerChallenge })
}

const CHALLENGE_BYTES = 16

/** Behind the proof there may be words (RFC 2759 §5). */
function isProven({ mschapv2Success }: AccessAccept, { proof }: Mschapv2Response): boolean {
  return mschapv2Success?.message.slice(0, proof.length).toUpperCase() === proof
}

function unproven(server: string): Verdict {
  return {
    type: 'deny',
    reason: `RADIUS server ${server} has not proven that it knows the password`,
    userReason: 'sign-in cannot be checked now, try again later',
    temporary: true,
  }
}

/** Of a question; a name of usual length has room beside it. */
const TEXT_CHARACTERS = 120

/** A client that connects anew brings the token first, and its password when that is refused. */
const OVER: Verdict = {
  type: 'deny',
  reason: 'the client brought the token of a session that is over',
  userReason: 'sign in again',
  temporary: false,
  undecided: true,
}

const EXPIRED: Verdict = {
  type: 'deny',
  reason: 'the answer to a challenge came too late, or twice, or from somebody else',
  userReason: 'the challenge has expired, sign in again',
  temporary: false,
}
