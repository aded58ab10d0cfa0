import { type AccessCredential, type Continuation, eapMsk, type RadiusAnswer } from '@causeway/radius'
import type { PeerPlace, Verdict } from '../authentication/identity.ts'
import type { JudgedMschapv2, Mschapv2Attempt, RelayedEap, SignInServer } from '../eap/sign-in-relay.ts'
import type { Clock } from '../engine/clock.ts'
import { peerAttributes } from './peer-attributes.ts'
import type { RadiusQuestions } from './radius-service.ts'
import { verdictOf } from './radius-verdict.ts'

/** Ours: of what a server sends for the peer; every tunnel type carries it whole. */
const EAP_MTU = 1_024

/** Carries one peer's sign-in to RADIUS: an EAP conversation of any method, or an MS-CHAPv2 response. */
export class RadiusRelay implements SignInServer {
  readonly #radius: RadiusQuestions
  readonly #clock: Clock
  readonly #place: PeerPlace
  #continuation: Continuation | undefined

  constructor(radius: RadiusQuestions, clock: Clock, place: PeerPlace) {
    this.#radius = radius
    this.#clock = clock
    this.#place = place
  }

  /** @param identity what the peer called itself in EAP's Identity. */
  async forward(packet: Uint8Array, identity: string): Promise<RelayedEap> {
    const answer = await this.#ask(identity, { type: 'eap', packet })
    if (answer.type === 'challenge') {
      this.#continuation = answer.continuation
      if (answer.eapPacket) return { type: 'forwarded', packet: answer.eapPacket }
      return { type: 'judged', verdict: speechless(answer.server), keys: undefined, msk: undefined }
    }
    const verdict = this.#verdict(answer, identity)
    const keys = answer.type === 'accept' ? answer.keys : undefined
    return { type: 'judged', verdict, keys, msk: keys && eapMsk(keys) }
  }

  async mschapv2({ username, ...response }: Mschapv2Attempt): Promise<JudgedMschapv2> {
    const answer = await this.#ask(username, { type: 'mschapv2', ...response })
    if (answer.type === 'challenge') {
      return {
        verdict: speechless(answer.server),
        authenticatorResponse: undefined,
        keys: undefined,
        error: undefined,
      }
    }
    const verdict = this.#verdict(answer, username)
    const accept = answer.type === 'accept' ? answer : undefined
    const error = answer.type === 'reject' ? answer.mschapError?.error : undefined
    return { verdict, authenticatorResponse: accept?.mschapv2Success?.message, keys: accept?.keys, error }
  }

  async #ask(
    userName: string,
    credential: AccessCredential,
  ): Promise<Exclude<RadiusAnswer, { type: 'recorded' }>> {
    const answer = await this.#radius.ask({
      userName,
      credential,
      attributes: peerAttributes(this.#place, EAP_MTU),
      ...(this.#continuation && { continuation: this.#continuation }),
    })
    if (answer.type === 'recorded') throw new Error('an accounting answer to an access request')
    return answer
  }

  #verdict(answer: Parameters<typeof verdictOf>[0], claimed: string): Verdict {
    return verdictOf(answer, claimed, this.#clock.unixSeconds())
  }
}

function speechless(server: string): Verdict {
  return {
    type: 'deny',
    reason: `RADIUS server ${server} asks for more, and not in a way that this client could answer`,
    userReason: 'sign-in is not possible this way',
    temporary: false,
    undecided: true,
  }
}
